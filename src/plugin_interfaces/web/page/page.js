// What belongs to the page as a whole: shortcuts, whether it is seen, links that leave it, files that are dropped.
// It speaks to the server through emitEvent: shortcut (name), settings, seen and dark (bool).
(() => {
  const focus = (selector) => document.querySelector(selector)?.focus();
  const neighbour = (step) => {
    const contacts = [...document.querySelectorAll("button.contact")];
    contacts[contacts.findIndex((contact) => contact.ariaCurrent === "true") + step]?.click();
  };
  const SHORTCUTS = {
    k: () => focus(".contact-search input"),
    ".": () => emitEvent("shortcut", "stop"),
    ",": () => toggleSettings(),
    "/": () => emitEvent("shortcut", "keys"),
  };

  addEventListener("keydown", (event) => {
    if (event.isComposing || event.shiftKey) return;
    let act;
    if ((event.ctrlKey || event.metaKey) && !event.altKey) act = SHORTCUTS[event.key.toLowerCase()];
    else if (event.altKey && event.key === "ArrowUp") act = () => neighbour(-1);
    else if (event.altKey && event.key === "ArrowDown") act = () => neighbour(1);
    else if (event.key === "Escape" && !document.querySelector(".q-dialog, .q-menu")) act = () => focus(".composer textarea");
    if (!act) return;
    event.preventDefault();
    act();
  });

  // Whether settings are shown before anybody has said so depends on the room that there is.
  window.toggleSettings = () => {
    const shown = getComputedStyle(document.querySelector(".pane-settings")).visibility === "visible";
    emitEvent("settings", !shown);
  };

  // The server asks for it when the page is there; then it is told what changes.
  window.tellLooks = () => {
    emitEvent("dark", document.body.classList.contains("body--dark"));
    emitEvent("seen", !document.hidden);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(tellLooks));
  document.addEventListener("visibilitychange", tellLooks);

  // A link in a text opens beside the page, and is told nothing of it.
  addEventListener("click", (event) => {
    const link = event.target.closest?.(".rich a[href]");
    if (!link) return;
    event.preventDefault();
    open(link.href, "_blank", "noopener,noreferrer");
  });

  // The code of settings; that of messages is copied by the transcript.
  addEventListener("click", async (event) => {
    const button = event.target.closest?.(".settings-body [data-copy-code]");
    if (button) await navigator.clipboard.writeText(button.closest(".code").querySelector("code").textContent);
  });

  const pane = (event) => event.target.closest?.(".pane-chat");
  const accepts = () => document.querySelector(".composer .attach");
  const dropping = (on) => document.querySelector(".pane-chat")?.classList.toggle("is-dropping", on);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    dropping(Boolean(pane(event) && accepts() && event.dataTransfer.types.includes("Files")));
  });
  addEventListener("dragleave", (event) => event.relatedTarget || dropping(false));
  addEventListener("drop", (event) => {
    // Without this the browser would leave the page to show the file.
    event.preventDefault();
    dropping(false);
    if (pane(event) && accepts()) dispatchEvent(new CustomEvent("files-dropped", { detail: event.dataTransfer.files }));
  });
})();
