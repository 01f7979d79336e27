// A text field that a plugin may rewrite while somebody types in it. The server says with each new value which text it
// answers (`basis`): where more was typed meanwhile, that goes on standing, and is on its way to the plugin itself.
export default {
  props: { value: String, basis: String, version: Number, numeric: Boolean },
  emits: ["edit", "commit"],
  template: `
    <q-input ref="qRef" v-bind="$attrs" v-model="text" outlined dense hide-bottom-space
      @update:model-value="$emit('edit', text)" @keydown.enter="entered" @blur="left">
      <template v-for="(_, slot) in $slots" v-slot:[slot]="slotProps"><slot :name="slot" v-bind="slotProps || {}" /></template>
    </q-input>`,
  data() {
    return { text: this.value };
  },
  watch: {
    version() {
      if (this.text === this.value) return;
      if (this.text !== this.basis) return;
      if (this.numeric && this.focused() && Number(this.text) === Number(this.value)) return;
      const native = this.$refs.qRef.getNativeElement();
      // Setting a text puts the caret at its end.
      const caret = this.focused() && native.type !== "number" ? [native.selectionStart, native.selectionEnd] : null;
      this.text = this.value;
      if (caret) this.$nextTick(() => native.setSelectionRange?.(...caret));
    },
  },
  methods: {
    focused() {
      return document.activeElement === this.$refs.qRef.getNativeElement();
    },
    entered(event) {
      if (!event.isComposing && this.$attrs.type !== "textarea") this.$emit("commit", this.text);
    },
    left() {
      // A number that is none, or out of its limits, is not left standing.
      if (this.numeric && !this.$refs.qRef.getNativeElement().checkValidity()) this.text = this.value;
      else if (this.numeric && this.text === "") this.text = this.value;
    },
  },
};
