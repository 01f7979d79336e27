// The children of a container, each an island. Where one comes or goes, the others are not drawn again: what an island
// holds is its own business, and it notices itself when that changes.
export default {
  render() {
    const children = this.$slots.default?.() ?? [];
    for (const child of children) {
      if (child?.children?.default) child.children.$stable = true;
    }
    return Vue.h("div", children);
  },
};
