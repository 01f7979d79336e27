// The messages of one conversation. It is a component of its own so that a chunk redraws one message, not the page.
// The server calls its methods; what the person does is emitted: ready, older, act (name, message id).
import DOMPurify from "dompurify";

const PAGE_SIZE = 50; // messages that leave the document together when they are far from what is in sight
const NEAR = 60; // pixels from the end that still count as being there
const AHEAD = 800; // pixels before the start at which older messages are asked for

const ICONS = { success: "check_circle", warning: "warning_amber", error: "error_outline", info: "info_outline" };

// Dear to make, cheap to use.
const formats = new Map();

function format(lang, style, time) {
  const name = lang + JSON.stringify(style);
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(lang, style));
  return formats.get(name).format(time);
}

const CLOCK = { hour: "2-digit", minute: "2-digit" };
const MOMENT = { dateStyle: "full", timeStyle: "medium" };
const DAY = { weekday: "long", day: "numeric", month: "long", year: "numeric" };

function put(element, html, name) {
  element.innerHTML = DOMPurify.sanitize(html);
  // Blocks are rendered once for all languages.
  for (const button of element.querySelectorAll("[data-copy-code]")) button.ariaLabel = button.title = name;
}

const safeHtml = {
  mounted: (element, { value, arg }) => put(element, value, arg),
  updated: (element, { value, oldValue, arg }) => value !== oldValue && put(element, value, arg),
};

// What came behind the last block and is not rendered yet stands there as it is: where a person would write on.
const ENDS = "p, ul, ol, li, blockquote, div, table, tbody, tr, td, pre, pre > code";

function showMore(rich, { value, oldValue }) {
  let more = rich.querySelector(".more");
  if (more && value.startsWith(oldValue)) return more.append(value.slice(oldValue.length));
  more?.remove();
  if (!value) return;
  let end = rich;
  while (end.lastElementChild?.matches(ENDS)) end = end.lastElementChild;
  more = document.createElement("span");
  more.className = "more";
  more.textContent = value;
  end.append(more);
}

const more = { mounted: showMore, updated: showMore };

const Message = {
  directives: { safeHtml, more },
  props: { message: Object, texts: Object, lang: String },
  emits: ["act"],
  template: `
    <article
      :class="['message', 'by-' + message.role, 'kind-' + message.type, 'is-' + message.status, { 'is-silent': silent }]"
      :data-message="message.id"
      :aria-busy="message.status === 'active'"
      :aria-label="label"
    >
      <div class="bubble">
        <i v-if="icon" class="material-icons kind-icon" aria-hidden="true">{{ icon }}</i>
        <div class="content">
          <div v-if="message.role === 'user'" class="plain">{{ message.content }}</div>
          <div v-else v-more="message.more" class="rich">
            <div v-for="(block, at) in message.blocks" :key="at" v-safe-html:[texts.copy]="block" class="block"></div>
          </div>
          <span v-if="waiting" class="waiting" aria-hidden="true"><b></b><b></b><b></b></span>
          <p v-if="message.reason" class="reason">{{ message.reason }}</p>
        </div>
      </div>
      <footer>
        <time :datetime="iso" :title="full">{{ time }}</time>
        <span v-if="state" class="state">{{ state }}</span>
        <span class="actions">
          <button v-for="name in actions" :key="name" type="button" :title="texts[name]" :aria-label="texts[name]"
            :class="'act-' + name" @click="$emit('act', name, message.id)">
            <i class="material-icons" aria-hidden="true">{{ actionIcons[name] }}</i>
          </button>
        </span>
      </footer>
    </article>`,
  data: () => ({
    actionIcons: { copy: "content_copy", retry: "refresh", pause: "pause", resume: "play_arrow", stop: "stop" },
  }),
  computed: {
    icon() {
      return this.message.role === "user" ? "" : ICONS[this.message.type];
    },
    silent() {
      // Taken, and no answer needed.
      return this.message.status === "completed" && !this.message.content && this.message.role !== "user";
    },
    waiting() {
      return this.message.status === "active" && !this.message.blocks?.length;
    },
    open() {
      return this.message.status === "active" || this.message.status === "paused";
    },
    state() {
      return this.message.status === "completed" ? "" : this.texts["is_" + this.message.status];
    },
    label() {
      const who = this.message.role === "user" ? this.texts.you : this.texts.plugin;
      return `${who}, ${this.time}`;
    },
    actions() {
      if (this.open) return [this.message.status === "paused" ? "resume" : "pause", "stop"].slice(this.message.stream ? 0 : 1);
      return this.message.role === "user" ? ["copy", "retry"] : ["copy"];
    },
    iso() {
      return new Date(this.message.time).toISOString();
    },
    time() {
      return format(this.lang, CLOCK, this.message.time);
    },
    full() {
      return format(this.lang, MOMENT, this.message.time);
    },
  },
};

export default {
  components: { Message },
  props: { texts: Object, lang: String },
  emits: ["ready", "older", "act"],
  template: `
    <div class="transcript">
      <div ref="scroller" class="scroller" role="log" aria-live="polite" :aria-label="texts.conversation" tabindex="0"
        @scroll.passive="scrolled">
        <p v-if="!more && !count" class="empty" v-text="empty"></p>
        <p v-if="more" class="older" aria-live="off">{{ texts.loading }}</p>
        <p v-else-if="count" class="beginning" aria-live="off">{{ texts.beginning }}</p>
        <section v-for="page in pages" :key="page.key" :data-page="page.key"
          :style="page.near ? null : { height: page.height + 'px' }">
          <template v-if="page.near" v-for="message in page.messages" :key="message.id">
            <div v-if="message.day" class="day"><span>{{ message.day }}</span></div>
            <Message :message="message" :texts="texts" :lang="lang" @act="act" />
          </template>
        </section>
      </div>
      <button v-show="!atEnd" type="button" class="to-end" :aria-label="texts.to_end" :title="texts.to_end" @click="toEnd">
        <i class="material-icons" aria-hidden="true">arrow_downward</i><span v-if="unseen">{{ unseen }}</span>
      </button>
    </div>`,
  data: () => ({ pages: [], more: true, count: 0, empty: "", atEnd: true, unseen: 0 }),
  created() {
    this.byId = new Map();
    this.nextKey = 0;
    this.asked = false;
    // The first message shall not wait for what is made when it is first needed.
    Message.render ??= Vue.compile(Message.template);
    DOMPurify.sanitize("<p></p>");
    for (const style of [CLOCK, MOMENT, DAY]) format(this.lang, style, Date.now());
  },
  mounted() {
    const scroller = this.$refs.scroller;
    this.observer = new IntersectionObserver((entries) => entries.forEach(this.sighted), {
      root: scroller,
      rootMargin: "1500px 0px",
    });
    // The pane has another size: whoever was at the end stays there.
    this.resizes = new ResizeObserver(() => this.atEnd && this.toEnd());
    this.resizes.observe(scroller);
    scroller.addEventListener("click", this.copyCode);
    this.$emit("ready");
  },
  beforeUnmount() {
    this.observer.disconnect();
    this.resizes.disconnect();
  },
  methods: {
    // ---- called by the server ----
    reset({ messages, more, empty }) {
      this.byId.clear();
      this.observer.disconnect();
      this.count = 0;
      this.pages = [];
      this.more = more;
      this.empty = empty;
      this.asked = false;
      this.unseen = 0;
      this.atEnd = true;
      messages.forEach((message) => this.put(message));
      this.$nextTick(() => {
        this.watchPages();
        this.toEnd();
      });
    },
    older({ messages, more }) {
      const scroller = this.$refs.scroller;
      const below = scroller.scrollHeight - scroller.scrollTop;
      const fresh = messages.filter((message) => !this.byId.has(message.id)).map((message) => this.known(message));
      for (let end = fresh.length; end > 0; end -= PAGE_SIZE) {
        const slice = fresh.slice(Math.max(0, end - PAGE_SIZE), end);
        this.pages.unshift({ key: this.nextKey++, messages: slice, near: true, height: 0 });
      }
      this.more = more;
      this.nameDays();
      this.$nextTick(() => {
        scroller.scrollTop = scroller.scrollHeight - below;
        this.watchPages();
        this.asked = false;
        this.scrolled();
      });
    },
    apply(steps) {
      const follow = this.atEnd;
      for (const [step, ...rest] of steps) {
        if (step === "add" && !this.byId.has(rest[0].id)) {
          this.put(rest[0]);
          if (!follow) this.unseen++;
        } else if (step === "remove") this.take(rest[0]);
        else if (step === "set") Object.assign(this.byId.get(rest[0]) ?? {}, rest[1]);
        else if (step === "blocks") {
          const [id, first, blocks] = rest;
          const message = this.byId.get(id);
          message?.blocks.splice(first, Infinity, ...blocks);
          if (message) message.more = "";
        } else if (step === "more" && this.byId.has(rest[0])) this.byId.get(rest[0]).more += rest[1];
      }
      this.$nextTick(() => {
        this.watchPages();
        if (follow) this.toEnd();
      });
      return this.$nextTick().then(() => true); // the server sends no more before these are drawn
    },
    // ---- the messages ----
    known(message) {
      message.blocks ??= [];
      message.more = "";
      const reactive = Vue.reactive(message);
      this.byId.set(message.id, reactive);
      this.count++;
      return reactive;
    },
    put(message) {
      let page = this.pages.at(-1);
      if (!page || page.messages.length >= PAGE_SIZE) {
        this.pages.push({ key: this.nextKey++, messages: [], near: true, height: 0 });
        page = this.pages.at(-1);
      }
      const before = page.messages.at(-1) ?? this.pages.at(-2)?.messages.at(-1);
      message.day = this.dayAfter(before, message);
      page.messages.push(this.known(message));
    },
    take(id) {
      const message = this.byId.get(id);
      if (!message) return;
      this.byId.delete(id);
      this.count--;
      for (const page of this.pages) {
        const at = page.messages.indexOf(message);
        if (at >= 0) page.messages.splice(at, 1);
      }
    },
    dayAfter(before, message) {
      const day = (time) => format(this.lang, DAY, time);
      if (before && day(before.time) === day(message.time)) return "";
      return day(message.time) === day(Date.now()) ? this.texts.today : day(message.time);
    },
    nameDays() {
      let before;
      for (const message of this.pages.slice(0, 3).flatMap((page) => page.messages)) {
        message.day = this.dayAfter(before, message);
        before = message;
      }
    },
    // ---- scrolling ----
    watchPages() {
      this.$refs.scroller.querySelectorAll("section").forEach((section) => this.observer.observe(section));
    },
    sighted({ target, isIntersecting, boundingClientRect }) {
      const page = this.pages.find((page) => page.key == target.dataset.page);
      if (!page || page.near === isIntersecting) return;
      if (!isIntersecting) {
        // Where somebody selects text or stands with the keyboard, nothing is taken away.
        if (target.contains(document.activeElement)) return;
        page.height = boundingClientRect.height;
      }
      page.near = isIntersecting;
    },
    scrolled() {
      const scroller = this.$refs.scroller;
      this.atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
      if (this.atEnd) this.unseen = 0;
      if (this.more && !this.asked && scroller.scrollTop < AHEAD) {
        this.asked = true;
        this.$emit("older", this.pages[0]?.messages[0]?.id ?? null);
      }
    },
    toEnd() {
      const scroller = this.$refs.scroller;
      if (!scroller) return;
      scroller.scrollTop = scroller.scrollHeight;
      this.atEnd = true;
      this.unseen = 0;
    },
    // ---- what the person does ----
    act(name, id) {
      if (name === "copy") this.copy(this.byId.get(id).content);
      else this.$emit("act", name, id);
    },
    async copy(text) {
      await navigator.clipboard.writeText(text);
      Quasar.Notify.create({ message: this.texts.copied, timeout: 1200, position: "top", classes: "toast" });
    },
    copyCode(event) {
      const button = event.target.closest("[data-copy-code]");
      if (button) this.copy(button.closest(".code").querySelector("code").textContent);
    },
  },
};
