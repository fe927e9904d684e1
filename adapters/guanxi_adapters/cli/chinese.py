"""The Chinese catalogue: what the command says, by its English text; and the help of each command, by its name."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # How it ends
    "error: ": "错误：",
    "usage: ": "用法：",
    "Interrupted.": "已中断。",
    "'{command} --help' says more.": "详见“{command} --help”。",
    "unexpected {kind}: {text} (--debug shows where)": "意外错误 {kind}：{text}（加 --debug 可查看出处）",
    "guanxi init {url} makes one; --db or GUANXI_DB names another": (
        "先用 guanxi init {url} 建立；或用 --db、GUANXI_DB 指定另一个"
    ),
    "without the plugin {name}: {error}": "未加载插件 {name}：{error}",
    # Entering
    "1 entry recorded.": "已记录 1 条。",
    "{count} entries recorded.": "已记录 {count} 条。",
    " {count} more in other files.": "另在其他档案记录 {count} 条。",
    "This was on record already; nothing was added.": "此前已记录；未新增任何内容。",
    "Accepted; there was nothing to record.": "已接受；没有需要记录的内容。",
    "No longer in force": "不再有效",
    "advancing": "推进中",
    "1 entry was written down.": "已写入 1 条记录。",
    "{count} entries were written down.": "已写入 {count} 条记录。",
    "Nothing was due.": "没有到期事项。",
    "taking in {file}": "导入 {file}",
    "import of {file}": "导入 {file}",
    "bringing read models level": "更新读模型",
    # Entries
    "in force": "有效",
    "replaced by {entry}": "已被 {entry} 取代",
    "withdrawn by {entry}": "已由 {entry} 撤回",
    "corrected by {entry}": "已由 {entry} 更正",
    "voided by {entry}": "已由 {entry} 作废",
    "due, not written down yet": "已到期，尚未写入",
    "unreadable: its plugin is not installed": "无法读取：未安装其插件",
    "counts from {moment}": "自 {moment} 起算",
    "only from {first} to {last}": "仅 {first} 至 {last}",
    "{actor} for {other}": "{actor}（代 {other}）",
    "{rules}, default values": "{rules}默认值",
    "from {entry}": "依据 {entry}",
    "line {number}": "第 {number} 行",
    "recorded {moment}": "记录于 {moment}",
    "recorded {moment} with {entry}": "记录于 {moment}，随 {entry}",
    "recorded late, {moment}": "补录于 {moment}",
    # Histories and explanations
    "1 entry": "1 条记录",
    "{count} entries": "{count} 条记录",
    "as of now": "截至当前",
    "as of {moment}": "截至 {moment}",
    "as known {moment}": "知悉至 {moment}",
    "as known at position {position}": "知悉至日志位置 {position}",
    "{count} earlier ones are not shown; --all shows them.": "较早的 {count} 条未显示；加 --all 全部显示。",
    "Nothing is on record at this cut.": "在此时点没有记录。",
    "What differs": "差异",
    "Entries between": "其间的记录",
    "No value differs between the two moments.": "两个时点之间没有任何值不同。",
    "None.": "无。",
    "How it came about": "由来",
    "No entry changed it; it is what it was at the beginning.": "没有记录改变过它；仍为初始值。",
    "What no longer counts in {facet}": "{facet}中不再计入的记录",
    "because of {cause} · recorded {moment} · {who}": "因 {cause} · 记录于 {moment} · {who}",
    "an import": "一次导入",
    "now {entry}: {holds}": "现为 {entry}：{holds}",
    "drawn from {inputs}": "依据：{inputs}",
    "compared with {limits}": "对照：{limits}",
    "nothing": "无",
    # Values
    "yes": "是",
    "no": "否",
    "(erased)": "（已删除）",
    "text": "文本",
    "number": "数",
    "whole number": "整数",
    "yes or no": "是或否",
    "date": "日期",
    "date and time": "日期和时间",
    "money, such as 128.00CNY": "金额，如 128.00CNY",
    "list, separated by commas": "列表，以逗号分隔",
    "JSON": "JSON",
    # Verifying
    "verifying": "校验中",
    "{entries} entries in {streams} streams checked, up to position {position}.": (
        "已校验 {streams} 个流中的 {entries} 条记录，至日志位置 {position}。"
    ),
    " Nothing is wrong.": "未发现问题。",
    "The log is empty; there is nothing to verify.": "日志为空，无可校验。",
    "1 fault found.": "发现 1 处问题。",
    "{count} faults found.": "发现 {count} 处问题。",
    "{count} more; --json lists all.": "另有 {count} 处；加 --json 全部列出。",
    "Position": "位置",
    "position {position}": "日志位置 {position}",
    "This proves that no entry was altered, moved, inserted or taken out of its chain "
    "by anyone who did not also write every later hash anew.": (
        "这证明：除非有人把其后的全部哈希一并重写，否则没有任何记录被改动、移位、插入或从链中取出。"
    ),
    "It does not prove it against somebody who can rewrite whole tables, nor that nothing "
    "was cut off at the end: for that, compare with a head that was exported and is kept "
    "elsewhere. What was written after the last such head is not yet protected.": (
        "这不能证明没有人重写整张表，也不能证明末尾未被截去：为此须与导出并另行保管的头记录比对。"
        "最近一次导出之后写入的内容尚未受到保护。"
    ),
    # Ledgers and plugins
    "Made a ledger.": "已建立账本。",
    "There is a ledger already; nothing was changed.": "账本已存在；未作任何改动。",
    "Back up log and keys apart: both together show everything, and without its keys a log is unreadable.": (
        "请将日志与密钥分开备份：两者兼有即可读取全部内容，失去密钥则无法读取日志。"
    ),
    "log": "日志",
    "keys": "密钥",
    "zone": "时区",
    "tenant": "租户",
    "entries": "记录数",
    "plugins": "插件",
    "none installed": "未安装",
    "error": "错误",
    "subjects": "主题",
    "commands": "命令",
    "rule sets": "规则集",
    "read models": "读模型",
    "reports": "报表",
    "events": "事件",
    "No plugin is installed; the customer relationship itself needs none.": (
        "未安装插件；客户关系本身无需插件。"
    ),
    # Read models and reports
    "rebuilding": "重建中",
    "1 read model rebuilt,": "已重建 1 个读模型，",
    "{count} read models rebuilt,": "已重建 {count} 个读模型，",
    " level with position {position}.": "已到日志位置 {position}。",
    "Read model": "读模型",
    "Entries behind": "落后条数",
    "Time behind": "落后时间",
    "Rebuilt": "重建于",
    "State": "状态",
    "level": "同步",
    "behind": "落后",
    "parked": "已停",
    "{name} is parked at position {position}:": "{name} 停在日志位置 {position}：",
    "{count} s": "{count} 秒",
    "{count} min": "{count} 分钟",
    "{count} h": "{count} 小时",
    "{count} days": "{count} 天",
    "No installed plugin brings a read model.": "已安装的插件没有读模型。",
    "No installed plugin brings a report.": "已安装的插件没有报表。",
    "{name}: {count} rows written to {file}": "{name}：{count} 行已写入 {file}",
    # Help: frames
    "Arguments": "参数",
    "Options": "选项",
    "Commands": "命令",
    "Ask": "查询",
    "Enter": "录入",
    "Keep": "维护",
    "Which ledger, which language": "账本与语言",
    "[required]": "[必填]",
    "Show this message and exit.": "显示帮助。",
    # Help: options and arguments
    "The ledger; GUANXI_DB or sqlite:///guanxi.db if left out.": (
        "账本；省略时取 GUANXI_DB 或 sqlite:///guanxi.db。"
    ),
    "Where its keys are; GUANXI_KEYS or beside the log if left out.": (
        "密钥所在；省略时取 GUANXI_KEYS 或日志旁的文件。"
    ),
    "Whose relationships; GUANXI_TENANT or main if left out.": "哪个租户；省略时取 GUANXI_TENANT 或 main。",
    "Language; the locale's if left out.": "语言；省略时随系统区域设置。",
    "Show where an error arose.": "显示错误的出处。",
    "Show the version.": "显示版本。",
    "The customer's account number.": "客户户号。",
    "Leave out what counts from later. A date means its end.": "不计此后起算的记录；日期指当日终了。",
    "Leave out what was learned later: a date, a moment, or a position of the log.": (
        "不计此后得知的记录：日期、时刻或日志位置。"
    ),
    "Compare two moments, and list the entries between.": "比较两个时点，并列出其间的记录。",
    "Show only the last N entries.": "只显示最后 N 条。",
    "Show every entry, on a terminal too.": "在终端上也显示全部记录。",
    "Answer in JSON.": "以 JSON 回答。",
    "What to explain: retail.points, retail.points.balance, or just balance.": (
        "要解释的内容：retail.points、retail.points.balance，或只写 balance。"
    ),
    "The report's name, as 'guanxi reports' lists it.": "报表名称，见“guanxi reports”。",
    "A parameter of the report; may be given again.": "报表参数；可重复给出。",
    "How to write it; told by the ending of --out if left out.": "输出格式；省略时由 --out 的扩展名决定。",
    "The same as --format json.": "同 --format json。",
    "Write to a file instead.": "写入文件。",
    "The data file.": "数据文件。",
    "How its lines become commands.": "说明各行如何成为命令的映射文件。",
    "Who enters it; GUANXI_ACTOR or your login name if left out.": "经办人；省略时取 GUANXI_ACTOR 或登录名。",
    "Why it is taken in; kept with the batch.": "导入原因；随批次保存。",
    "Take in nothing at all if one line is refused.": "只要有一行被拒绝，就全部不导入。",
    "The sender's running number, so that a file left out is noticed.": (
        "发送方的文件流水号，用以发现遗漏的文件。"
    ),
    "A command's name, as 'guanxi commands' lists it.": "命令名称，见“guanxi commands”。",
    "Fields, such as receipt=A-17 paid=128.00CNY.": "字段，如 receipt=A-17 paid=128.00CNY。",
    "Why; needed for what is entered late.": "原因；补录时必填。",
    "When it happened: a date or a moment; now if left out.": "发生时间：日期或时刻；省略即为现在。",
    "It happened already: what breaks a rule is kept and flagged, not refused.": (
        "事情已经发生：违反规则时保留并标记，而不拒绝。"
    ),
    "On whose behalf the actor enters it.": "经办人代谁录入。",
    "Customer and number as history shows them, such as C-1001/7; or a full id.": (
        "户号和 history 所示编号，如 C-1001/7；或完整编号。"
    ),
    "Why; a correction needs a reason.": "原因；更正必须说明。",
    "The right moment, if that was wrong.": "正确的时间（若时间有误）。",
    "Show this one with all it says about itself.": "只显示这一个命令。",
    "sqlite:///customers.db or postgresql+psycopg://user@host/name; --db if left out.": (
        "sqlite:///customers.db 或 postgresql+psycopg://user@host/name；省略时取 --db。"
    ),
    "Time zone in which days begin and end; fixed for ever. [Asia/Shanghai]": (
        "计日所用时区，一经设定不可更改。[Asia/Shanghai]"
    ),
    "Up to which moment; never beyond now.": "推进到何时；不超过现在。",
    "Which read models; all if none is named.": "哪些读模型；省略即为全部。",
}

USAGE: tuple[tuple[str, str], ...] = (
    (r"Missing (?:argument|option|parameter) '(.+?)'\.", r"缺少 \1。"),
    (r"No such option: (\S+)", r"没有选项 \1。"),
    (r"No such command '(.+?)'\.", r"没有命令 \1。"),
    (r"Invalid value for '?(.+?)'?: ", r"\1 的值无效："),
    (r"Got unexpected extra arguments? \((.+?)\)", r"多余的参数 \1。"),
    (r"Option '(.+?)' requires an argument\.", r"选项 \1 需要一个值。"),
    (r"Option '(.+?)' requires (\d+) arguments\.", r"选项 \1 需要 \2 个值。"),
    (r"Did you mean (.+?)\?", r"是否指 \1？"),
    (r"\(Possible options: (.+?)\)", r"可能是：\1。"),
    (r"(?:File|Path) '(.+?)' does not exist\.", r"\1 不存在。"),
)
"""How Typer's own sentences about wrong usage are said in Chinese: patterns, and what takes their place."""

HELP: dict[str, str] = {
    "": "关系 guanxi：只增不改的客户历史。\n\n"
    "可查：发生过什么，某值由何而来，当时知道什么；可录入和更正；可校验有无篡改。\n\n"
    "退出码：0 完成；1 被拒绝或失败；2 用法有误；3 导入时有行被拒绝；4 校验发现问题。",
    "history": (
        "显示谁在何时因何做了什么，以及其后如何。\n\n"
        "记录按起算时间排列；编号为写入次序。在终端上显示最后 40 条，经管道则显示全部。"
    ),
    "explain": (
        "说明某值由何而来：每条改变过它的记录，及其规则和原因。\n\n"
        "规则所依据的输入、经办人和不再计入的记录也一并列出，并说明被什么取代、为何取代。"
    ),
    "report": (
        "显示报表：截至现在，或截至过去某时，或按当时所知。\n\n"
        "末行注明时点、日志位置和摘要，凭此可于日后证明。"
    ),
    "reports": "列出可用报表及其标题和参数。",
    "import": (
        "把数据文件作为一次知悉整体导入；已导入过的行会被识别。\n\n"
        "随后更新读模型。有行被拒绝时退出码为 3，报告逐行说明原因。"
    ),
    "execute": (
        "录入消费、兑换、新档案，或已安装插件所知的任何事项。\n\n"
        "显示记录了什么，规则由此得出什么，以及取代了哪些先前的判定。"
    ),
    "correct": "更正一条有误的记录；原记录仍可查阅，由它得出的内容重新判定。",
    "void": "声明一条记录视同从未发生；原记录仍可查阅。",
    "commands": "列出可用“guanxi execute”录入的命令及其字段。",
    "init": "建立账本：日志的数据表，以及与之分开存放的个人数据密钥。\n\n已有的账本不作改动。",
    "verify": "校验每条记录的哈希和每条链，说明何处有何问题。\n\n发现问题时退出码为 4。",
    "advance": "写入已到期的事项，例如到期的积分。\n\n仅为补记：每个查询本已计入，并标明尚未写入。",
    "plugins": "列出此处的行业插件：发行包、版本、内容及其错误。\n\n有插件无法使用时退出码为 1。",
    "project": "查看读模型的进度，或由日志重建读模型。",
    "project status": (
        "显示各读模型的位置、落后于日志多少、因何停下。\n\n"
        "报表会自行更新读模型；已停的须在排除原因后重建。有已停者时退出码为 1。"
    ),
    "project rebuild": "由日志在旁重建读模型，同步后替换。",
}
