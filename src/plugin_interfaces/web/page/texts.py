"""What the page itself says, in English and in Chinese. What plugins say is shown as it is."""

from __future__ import annotations

import msgspec

__all__ = ["ENGLISH", "Texts", "texts_for"]


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """One language. A word of the page is written nowhere else; `{}` stands for what comes with it."""

    code: str
    title: str

    # contacts
    contacts: str
    search: str
    add: str
    no_contacts: str
    no_contacts_hint: str
    nothing_found: str
    add_title: str
    add_hint: str
    add_name: str
    add_none: str
    cancel: str
    rename: str
    rename_title: str
    save: str
    connect: str
    disconnect: str
    reload: str
    remove: str
    remove_title: str
    remove_text: str
    enable: str
    disable: str
    more: str
    clear: str
    clear_title: str
    clear_text: str
    export_markdown: str
    export_json: str
    unread_one: str
    unread_many: str
    state_disabled: str
    state_unloaded: str
    state_loading: str
    state_disconnected: str
    state_connecting: str
    state_connected: str
    state_disconnecting: str
    state_failed: str

    # conversation
    conversation: str
    choose: str
    choose_hint: str
    empty: str
    beginning: str
    loading: str
    today: str
    to_end: str
    you: str
    plugin: str
    message: str
    write_to: str
    connect_first: str
    send: str
    attach: str
    drop: str
    copy: str
    copied: str
    retry: str
    pause: str
    resume: str
    stop: str
    is_active: str
    is_paused: str
    is_error: str
    is_cancelled: str
    lost: str

    # settings
    settings: str
    show_settings: str
    hide_settings: str
    settings_off: str
    no_settings: str
    settings_loading: str
    settings_failed: str
    try_again: str
    log: str
    progress: str
    secret_held: str
    no_number: str
    no_whole_number: str
    between: str
    at_least: str
    at_most: str
    pick_color: str
    upload: str
    yes: str
    no: str

    # the page
    back: str
    close: str
    theme: str
    theme_auto: str
    theme_light: str
    theme_dark: str
    keys: str
    keys_rows: tuple[tuple[str, str], ...]

    def unread(self, count: int) -> str:
        """How many messages were not read."""
        return (self.unread_one if count == 1 else self.unread_many).format(count)

    def state(self, name: str) -> str:
        """The state of a contact in words; a name that is not known is shown as it is."""
        return getattr(self, f"state_{name}", name)

    def out_of_range(self, low: str, high: str) -> str:
        """Which numbers are allowed; "" stands for no limit."""
        if low and high:
            return self.between.format(low, high)
        return self.at_least.format(low) if low else self.at_most.format(high)


ENGLISH = Texts(
    code="en",
    title="Plugins",
    contacts="Contacts",
    search="Search",
    add="Add a contact",
    no_contacts="No contacts yet",
    no_contacts_hint="Each contact is an instance of a plugin.",
    nothing_found="Nobody by that name",
    add_title="Add a contact",
    add_hint="Which plugin shall it be?",
    add_name="Name",
    add_none="No plugin was found in the folders that this was started with.",
    cancel="Cancel",
    rename="Rename…",
    rename_title="Rename",
    save="Save",
    connect="Connect",
    disconnect="Disconnect",
    reload="Reload",
    remove="Remove…",
    remove_title="Remove {}?",
    remove_text="The contact goes, and its conversation with it.",
    enable="Enable",
    disable="Disable",
    more="More",
    clear="Clear conversation…",
    clear_title="Clear the conversation with {}?",
    clear_text="All its messages are deleted. This cannot be undone.",
    export_markdown="Export as Markdown",
    export_json="Export as JSON",
    unread_one="{} unread message",
    unread_many="{} unread messages",
    state_disabled="Disabled",
    state_unloaded="Not loaded",
    state_loading="Loading…",
    state_disconnected="Not connected",
    state_connecting="Connecting…",
    state_connected="Connected",
    state_disconnecting="Disconnecting…",
    state_failed="Failed",
    conversation="Conversation",
    choose="Choose a contact",
    choose_hint="Its conversation opens here.",
    empty="No messages yet. Say something.",
    beginning="This is where the conversation begins.",
    loading="Loading older messages…",
    today="Today",
    to_end="To the latest message",
    you="You",
    plugin="Plugin",
    message="Message",
    write_to="Message {}",
    connect_first="Connect {} to write to it",
    send="Send (Enter)",
    attach="Attach a file",
    drop="Drop the file to send it",
    copy="Copy",
    copied="Copied",
    retry="Send again",
    pause="Pause",
    resume="Resume",
    stop="Stop",
    is_active="writing",
    is_paused="Paused",
    is_error="Failed",
    is_cancelled="Stopped",
    lost="Some events came too fast for this page; the conversation was loaded again.",
    settings="Settings",
    show_settings="Show settings",
    hide_settings="Hide settings",
    settings_off="Settings appear once the plugin is loaded.",
    no_settings="This plugin has no settings.",
    settings_loading="Loading settings…",
    settings_failed="The plugin could not draw its settings",
    try_again="Try again",
    log="Log",
    progress="Progress",
    secret_held="•••••••• (kept)",
    no_number="This is not a number",
    no_whole_number="This is not a whole number",
    between="From {} to {}",
    at_least="At least {}",
    at_most="At most {}",
    pick_color="Pick a colour",
    upload="Upload a file",
    yes="Yes",
    no="No",
    back="Back",
    close="Close",
    theme="Appearance",
    theme_auto="As the system",
    theme_light="Light",
    theme_dark="Dark",
    keys="Keyboard",
    keys_rows=(
        ("Enter", "Send"),
        ("Shift + Enter", "New line"),
        ("Ctrl + K", "Search contacts"),
        ("Alt + ↑ / ↓", "Previous / next contact"),
        ("Ctrl + .", "Stop the reply"),
        ("Ctrl + ,", "Show or hide settings"),
        ("Esc", "To the message field"),
        ("Ctrl + /", "This list"),
    ),
)

CHINESE = Texts(
    code="zh",
    title="插件",
    contacts="联系人",
    search="搜索",
    add="添加联系人",
    no_contacts="还没有联系人",
    no_contacts_hint="每个联系人都是一个插件的实例。",
    nothing_found="没有找到",
    add_title="添加联系人",
    add_hint="选择一个插件",
    add_name="名称",
    add_none="启动时给出的文件夹中没有找到插件。",
    cancel="取消",
    rename="重命名…",
    rename_title="重命名",
    save="保存",
    connect="连接",
    disconnect="断开连接",
    reload="重新加载",
    remove="删除…",
    remove_title="删除“{}”？",
    remove_text="联系人及其聊天记录都会被删除。",
    enable="启用",
    disable="停用",
    more="更多",
    clear="清空聊天记录…",
    clear_title="清空与“{}”的聊天记录？",
    clear_text="所有消息都会被删除，且无法恢复。",
    export_markdown="导出为 Markdown",
    export_json="导出为 JSON",
    unread_one="{} 条未读消息",
    unread_many="{} 条未读消息",
    state_disabled="已停用",
    state_unloaded="未加载",
    state_loading="正在加载…",
    state_disconnected="未连接",
    state_connecting="正在连接…",
    state_connected="已连接",
    state_disconnecting="正在断开…",
    state_failed="出错",
    conversation="聊天",
    choose="请选择联系人",
    choose_hint="聊天内容会显示在这里。",
    empty="还没有消息，打个招呼吧。",
    beginning="聊天从这里开始。",
    loading="正在加载更早的消息…",
    today="今天",
    to_end="回到最新消息",
    you="我",
    plugin="插件",
    message="消息",
    write_to="发消息给 {}",
    connect_first="请先连接 {}",
    send="发送 (Enter)",
    attach="添加文件",
    drop="松开鼠标即可发送文件",
    copy="复制",
    copied="已复制",
    retry="重新发送",
    pause="暂停",
    resume="继续",
    stop="停止",
    is_active="正在输入",
    is_paused="已暂停",
    is_error="失败",
    is_cancelled="已停止",
    lost="部分事件来得太快，聊天内容已重新加载。",
    settings="设置",
    show_settings="显示设置",
    hide_settings="隐藏设置",
    settings_off="插件加载后会显示设置。",
    no_settings="这个插件没有设置。",
    settings_loading="正在加载设置…",
    settings_failed="插件无法显示设置",
    try_again="重试",
    log="日志",
    progress="进度",
    secret_held="••••••••（已保存）",
    no_number="这不是数字",
    no_whole_number="这不是整数",
    between="范围 {} 到 {}",
    at_least="至少 {}",
    at_most="至多 {}",
    pick_color="选择颜色",
    upload="上传文件",
    yes="是",
    no="否",
    back="返回",
    close="关闭",
    theme="外观",
    theme_auto="跟随系统",
    theme_light="浅色",
    theme_dark="深色",
    keys="键盘快捷键",
    keys_rows=(
        ("Enter", "发送"),
        ("Shift + Enter", "换行"),
        ("Ctrl + K", "搜索联系人"),
        ("Alt + ↑ / ↓", "上一个／下一个联系人"),
        ("Ctrl + .", "停止回复"),
        ("Ctrl + ,", "显示或隐藏设置"),
        ("Esc", "回到输入框"),
        ("Ctrl + /", "显示此列表"),
    ),
)


def texts_for(accept_language: str) -> Texts:
    """The language that a browser likes best among those that there are; `accept_language` is its header."""
    wishes: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wishes.append((float(quality or 1), tag.lower()))
        except ValueError:
            continue
    for _, tag in sorted(wishes, key=lambda wish: -wish[0]):
        if tag.startswith("zh"):
            return CHINESE
        if tag.startswith("en"):
            return ENGLISH
    return ENGLISH
