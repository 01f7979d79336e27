// What changes inside is drawn without its surroundings. NiceGUI draws all that stands in one component anew when one
// element of it changes; among 500 widgets that is most of the time of a frame.
export default {
  render() {
    return Vue.h("div", { class: "island" }, this.$slots.default?.());
  },
};
