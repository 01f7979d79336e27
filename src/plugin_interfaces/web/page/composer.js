// Where a message is written. What is typed stays in the browser until it is sent, and survives a reload of the page.
const MAX_HEIGHT = 240;

export default {
  props: { texts: Object, contact: String, ready: Boolean, hint: String, accepts: String, uploader: Number },
  emits: ["send"],
  template: `
    <form class="composer" :class="{ 'is-off': !ready }" @submit.prevent="send">
      <button v-if="accepts" type="button" class="attach" :title="texts.attach" :aria-label="texts.attach" @click="attach">
        <i class="material-icons" aria-hidden="true">attach_file</i>
      </button>
      <textarea ref="text" v-model="draft" rows="1" :placeholder="hint" :aria-label="texts.message" enterkeyhint="send"
        @keydown.enter.exact="entered" @input="grow"></textarea>
      <button type="submit" class="send" :disabled="!ready || !draft.trim()" :title="texts.send" :aria-label="texts.send">
        <i class="material-icons" aria-hidden="true">arrow_upward</i>
      </button>
    </form>`,
  data: () => ({ draft: "" }),
  mounted() {
    this.restore();
    addEventListener("files-dropped", this.dropped);
  },
  beforeUnmount() {
    removeEventListener("files-dropped", this.dropped);
  },
  watch: {
    contact: "restore",
    draft(text) {
      if (text) sessionStorage.setItem(this.place(), text);
      else sessionStorage.removeItem(this.place());
    },
  },
  methods: {
    place() {
      return "draft of " + this.contact;
    },
    restore() {
      this.draft = sessionStorage.getItem(this.place()) ?? "";
      this.$nextTick(this.grow);
    },
    entered(event) {
      // While an input method composes, Enter picks a candidate.
      if (event.isComposing) return;
      event.preventDefault();
      this.send();
    },
    send() {
      if (!this.ready || !this.draft.trim()) return;
      // While the connection is lost the text stays: after a restart of the server the page is loaded anew.
      if (window.did_handshake && !window.socket.connected) return;
      this.$emit("send", this.draft);
      this.draft = "";
      this.$nextTick(this.grow);
    },
    grow() {
      const text = this.$refs.text;
      text.style.height = "auto";
      text.style.height = Math.min(text.scrollHeight, MAX_HEIGHT) + "px";
    },
    attach() {
      getElement(this.uploader).$refs.qRef.pickFiles();
    },
    dropped(event) {
      getElement(this.uploader).$refs.qRef.addFiles(event.detail);
    },
    focus() {
      this.$refs.text.focus();
    },
  },
};
