// The contacts: a list that is searched in the browser. The server puts and removes; `choose` is emitted with an id.
export default {
  props: { texts: Object, lang: String },
  emits: ["ready", "choose"],
  template: `
    <div class="contact-search">
      <q-input ref="search" v-model="wanted" dense outlined clearable :placeholder="texts.search" :aria-label="texts.search"
        type="search" @keydown.down.prevent="step(1)" @keydown.enter="first">
        <template #prepend><i class="material-icons" aria-hidden="true" style="font-size: 19px">search</i></template>
      </q-input>
    </div>
    <ul ref="list" class="contact-list" @keydown.down.prevent="step(1)" @keydown.up.prevent="step(-1)">
      <li v-for="contact in found" :key="contact.id">
        <button type="button" :class="['contact', 'is-' + contact.state, { 'is-chosen': contact.id === chosen }]"
          :data-contact="contact.id" :aria-current="contact.id === chosen ? 'true' : null" @click="$emit('choose', contact.id)">
          <span class="avatar" :style="{ '--hue': contact.hue }" aria-hidden="true">{{ contact.letter }}
            <i :class="['dot', contact.state]"></i></span>
          <span class="who"><span class="name">{{ contact.name }}</span>
            <span class="visually-hidden">, {{ contact.state_text }}, </span>
            <span class="preview">{{ contact.preview }}</span></span>
          <span class="side"><span class="when">{{ when(contact.time) }}</span>
            <span v-if="contact.unread" class="badge"><span aria-hidden="true">{{ contact.unread > 99 ? "99+" : contact.unread }}</span>
              <span class="visually-hidden">{{ contact.unread_text }}</span></span></span>
        </button>
      </li>
      <li v-if="!contacts.length && known" class="pane-notice">
        <span class="notice-title">{{ texts.no_contacts }}</span><span>{{ texts.no_contacts_hint }}</span></li>
      <li v-else-if="!found.length && known" class="pane-notice">{{ texts.nothing_found }}</li>
    </ul>`,
  data: () => ({ contacts: [], chosen: "", wanted: "", known: false }),
  computed: {
    found() {
      const wanted = (this.wanted ?? "").trim().toLocaleLowerCase();
      if (!wanted) return this.contacts;
      return this.contacts.filter((contact) => contact.search.toLocaleLowerCase().includes(wanted));
    },
    unread() {
      return this.contacts.reduce((sum, contact) => sum + contact.unread, 0);
    },
  },
  watch: {
    unread(count) {
      document.title = (count ? `(${count}) ` : "") + this.texts.title;
    },
  },
  mounted() {
    this.$emit("ready");
  },
  methods: {
    // ---- called by the server ----
    show(contacts, chosen) {
      this.contacts = contacts;
      this.chosen = chosen;
      this.known = true;
    },
    put(contacts) {
      for (const contact of contacts) {
        const at = this.contacts.findIndex((known) => known.id === contact.id);
        if (at < 0) this.contacts.push(contact);
        else this.contacts[at] = contact;
      }
    },
    remove(id) {
      this.contacts = this.contacts.filter((contact) => contact.id !== id);
    },
    choose(id) {
      this.chosen = id;
    },
    // ---- what the person does ----
    step(by) {
      const buttons = [...this.$refs.list.querySelectorAll("button.contact")];
      const at = buttons.indexOf(document.activeElement);
      if (at + by < 0) this.$refs.search.focus();
      else buttons[Math.min(at + by, buttons.length - 1)]?.focus();
    },
    first() {
      if (this.found.length) this.$emit("choose", this.found[0].id);
    },
    when(time) {
      if (!time) return "";
      const today = new Date().toDateString() === new Date(time).toDateString();
      const form = today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
      return new Intl.DateTimeFormat(this.lang, form).format(time);
    },
  },
};
