"""The Chinese catalogue: what the command says, by its English text; and the help of each command, by its name."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # Due items
    "not done": "未完成",
    "waived": "已免除",
    "done late": "逾期完成",
    "done in time": "按期完成",
    "overdue": "逾期",
    "to do": "待办",
    "rule": "规则",
    "looking for due items": "查找待办事项",
    "Nothing of that is due.": "没有符合条件的待办事项。",
    "Last day": "最后期限",
    "Kind": "类别",
    "Item": "事项",
    "Whose": "户号",
    "Who": "责任人",
    "1 line": "1 行",
    "{count} lines": "{count} 行",
    "{lines}. {due} due in all; punctual {punctual}, fulfilled {fulfilled}.": (
        "{lines}。共 {due} 项应办；按期率 {punctual}，完成率 {fulfilled}。"
    ),
    "due items": "待办事项",
    "Of this customer alone.": "仅此客户。",
    "What this person is to do.": "此人应办的事项。",
    "Under this rule, such as CORE-34.": "依此规则，例如 CORE-34。",
    "Of this cadence, such as core.visit_report.": "属此周期事项，例如 core.visit_report。",
    "open, overdue, done, late, waived, not_done or all; may be given again. What is open or overdue if left out.": (
        "open 未到期、overdue 逾期、done 按期完成、late 逾期完成、waived 已免除、not_done 未完成，或 all 全部；可重复给出。"
        "省略则为未到期与逾期。"
    ),
    # How it ends
    "error: ": "错误：",
    "usage: ": "用法：",
    "Interrupted.": "已中断。",
    "'{command} --help' says more.": "详见“{command} --help”。",
    "unexpected {kind}: {text} (--debug shows where)": "意外错误 {kind}：{text}（加 --debug 可查看出处）",
    "guanxi {tenant}init {url} makes one; --db or GUANXI_DB names another": (
        "先用 guanxi {tenant}init {url} 建立；或用 --db、GUANXI_DB 指定另一个"
    ),
    "without the plugin {name}: {error}": "未加载插件 {name}：{error}",
    "without ground": "失去依据",
    # The whole view
    "{count} not shown": "{count} 条未显示",
    "1 not shown": "1 条未显示",
    "Due items": "待办事项",
    "Nothing on file: {sections}.": "无记录：{sections}。",
    # Tenants
    "A role of PostgreSQL for programs: it gets the rights that a ledger needs and cannot change entries.": (
        "供程序使用的 PostgreSQL 角色：授予账本所需的权限，但不能更改记录。"
    ),
    "Switch it off again; what a role was given stays.": "重新关闭；已授予角色的权限保留。",
    "Row-level security is on for {count} tables.": "已对 {count} 张表启用行级安全。",
    "Row-level security is off for {count} tables.": "已对 {count} 张表关闭行级安全。",
    "Superusers and roles with BYPASSRLS see everything all the same; let no program run as one.": (
        "超级用户和具有 BYPASSRLS 的角色仍可看到全部内容；程序不应使用此类角色。"
    ),
    "Tenant": "租户",
    "Streams": "流数",
    "Entries": "记录数",
    "Last entry": "最后一条记录",
    "There is none.": "没有租户。",
    "Row-level security shows this role the tenant that was named alone; the owner of the tables sees all of them.": (
        "行级安全只向此角色显示所指定的租户；数据表的所有者可看到全部租户。"
    ),
    "Row-level security is on.": "行级安全已启用。",
    "1 tenant; row-level security is off.": "1 个租户；行级安全未启用。",
    "{count} tenants; row-level security is off.": "{count} 个租户；行级安全未启用。",
    # Making and checking plugins
    "Made {folder}, with {count} files.": "已建立 {folder}，共 {count} 个文件。",
    "install it, so that changes count at once": "安装，改动即时生效",
    "run its tests": "运行测试",
    "see how good it is, and what is missing": "查看质量等级及欠缺之处",
    "The plugin's name, which all of its stored names begin with; for example lending.": (
        "插件名，其全部存储名称以此开头，例如 lending。"
    ),
    "The folder to make it in; the present one if left out.": "建立于哪个文件夹；省略则为当前文件夹。",
    "What people call it in English; made from the name if left out.": "英文名称；省略则由插件名生成。",
    "What people call it in Chinese; made from the name if left out.": "中文名称；省略则由插件名生成。",
    "A plugin's project folder, or an installed plugin's name.": "插件的项目文件夹，或已安装插件的名称。",
    "What is asked for: listed, sound, proven or exemplary.": "要求的等级：listed、sound、proven 或 exemplary。",
    "How many histories are made up.": "生成多少段历史。",
    "Run the plugin's own tests too.": "同时运行插件自带的测试。",
    "Examining": "检验",
    "Level reached: {level}.": "达到等级：{level}。",
    "Asked for: {level}.": "要求等级：{level}。",
    "One rule is exempt.": "豁免 1 条规则。",
    "{count} rules are exempt.": "豁免 {count} 条规则。",
    "met": "符合",
    "FAILED": "不符",
    "nothing to ask": "不适用",
    "not seen": "未检验",
    "by {entry}": "由 {entry}",
    # Care of a whole database
    "Leave the keys of personal data out.": "不含个人数据的密钥。",
    "On PostgreSQL: make tables that plain SQL alone can serve.": "PostgreSQL：建立仅需普通 SQL 的数据表。",
    "On PostgreSQL: into how many parts to divide the entries.": "PostgreSQL：将记录分为多少个分区。",
    "The file to make; none is overwritten.": "要建立的文件；不覆盖已有文件。",
    "The backup's log; its keys are taken from beside it.": "备份的日志文件；密钥取自其旁。",
    "The database to put it in, without a ledger.": "恢复至哪个数据库，其中须无账本。",
    "The ledger's URL.": "账本的 URL。",
    "The URL of a database without a ledger.": "尚无账本的数据库的 URL。",
    "Where its keys are to be; beside it if left out.": "密钥放于何处；省略则放在其旁。",
    "Show what it would do, and do nothing.": "只显示将做什么，不作改动。",
    "Backed up.": "已备份。",
    "Restored.": "已恢复。",
    "Copied.": "已复制。",
    "left out": "未包含",
    "tenants": "租户",
    "position": "位置",
    "Keep log and keys apart: both together show everything.": "日志与密钥请分开保管：两者合在一起即可读出全部内容。",
    "Every hash was checked where it arrived.": "已在新位置校验每条记录的哈希。",
    "The tables are of this program's form; there is nothing to do.": "数据表已是本程序的结构，无需升级。",
    "to version {version}": "升至版本 {version}",
    "An upgrade changes no entry: it was so before. 'guanxi verify' says more.": (
        "升级不改动任何记录，问题在升级前已存在。详见“guanxi verify”。"
    ),
    "Upgraded. Every hash is as it was written.": "已升级。每条记录的哈希均与写入时一致。",
    "copying": "复制",
    "copying keys": "复制密钥",
    "making read models": "生成读模型",
    # Deriving again
    "The plugin's name.": "插件名称。",
    "deriving again": "重新推导",
    "Every decision comes out as it is stored.": "所有判定均与所存一致。",
    "All the others come out as they are stored.": "其余判定均与所存一致。",
    "1 decision is not derivable: what it was drawn from was erased.": "1 项判定无法推导：其依据已被擦除。",
    "{count} decisions are not derivable: what they were drawn from was erased.": (
        "{count} 项判定无法推导：其依据已被擦除。"
    ),
    "{count} more; --limit 0 shows all.": "另有 {count} 项；加 --limit 0 全部显示。",
    "{decisions} decisions of {transactions} transactions in {streams} streams derived again, up to position {position}.": (
        "已重新推导 {streams} 个流、{transactions} 笔事务中的 {decisions} 项判定，至位置 {position}。"
    ),
    "1 entry of an absent plugin was kept out of it.": "1 条未安装插件的记录未参与。",
    "{count} entries of absent plugins were kept out of it.": "{count} 条未安装插件的记录未参与。",
    "unreadable": "无法读取",
    "1 decision comes out otherwise": "1 项判定结果不同",
    "{count} decisions come out otherwise": "{count} 项判定结果不同",
    ", for 1 customer.": "，涉及 1 位客户。",
    ", for {count} customers.": "，涉及 {count} 位客户。",
    "{count} more customers; --limit 0 shows all.": "另有 {count} 位客户；加 --limit 0 全部显示。",
    "{count} more rows; --limit 0 shows all.": "另有 {count} 行；加 --limit 0 全部显示。",
    "not drawn": "未作出",
    "1 closed run judged again at its own cuts.": "已按自身时点重新作出 1 次已完成的判定。",
    "{count} closed runs judged again at their own cuts.": "已按各自时点重新作出 {count} 次已完成的判定。",
    "1 line comes out otherwise": "1 行结果不同",
    "{count} lines come out otherwise": "{count} 行结果不同",
    "altered": "被改动",
    "  {text}; see guanxi verify": "  {text}；见 guanxi verify",
    "This is what would have come out had these rules been in force then.": "以上是假如这些规则当时已生效会得出的结果。",
    " Published now with effect in the past, they would change {changed} of these decisions; "
    "{kept} would stand, by the effects they declare.": (
        "若现在发布并追溯生效，其中 {changed} 项判定会改变，{kept} 项按其声明的效力保留。"
    ),
    "It refuses before and after, the same: {code}": "前后均拒绝，原因相同：{code}",
    "it answers": "有结果",
    "counts from": "起算",
    "because": "原因",
    "at the moment": "触发时点",
    "stored": "所存",
    "derived": "推导",
    "as it is": "现状",
    "supposed": "假设",
    "Supposed to be in force always": "假设始终有效",
    "Supposed to be in force from {moment}": "假设自 {moment} 起有效",
    "digest": "摘要",
    "columns gone": "减少的列",
    "columns new": "新增的列",
    "No row differs.": "各行均相同。",
    "1 row differs": "1 行不同",
    "{count} rows differ": "{count} 行不同",
    " of {rows}.": "（行数 {rows}）。",
    "Column": "列",
    "Before": "之前",
    "After": "之后",
    "Change": "变化",
    "whole row": "整行",
    "what is stored": "所存内容",
    "It reads every entry, and decides and reports the same.": "可读取全部记录，判定与报表均相同。",
    "Only this customer; may be given again.": "只看此客户；可重复给出。",
    "Customers and rows shown; 0 shows all.": "显示的客户数和行数；0 为全部。",
    "Rule sets supposed, as TOML; what it leaves out stays as it is. May be given again.": (
        "假设的规则集（TOML）；未给出的保持不变。可重复给出。"
    ),
    "As if in force from then; always, if left out.": "假设自此时起有效；省略则始终有效。",
    "A report to compare, row by row.": "逐行比较的报表。",
    "The version to check: a wheel, a project, or an installed folder. The installed version against what is stored, if left out.": (
        "待检查的版本：wheel、项目或安装目录。省略则以已装版本与所存内容比较。"
    ),
    "Only this report of it; may be given again.": "只比较此报表；可重复给出。",
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
    "(due)": "（到期）",
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
    # Runs
    "No installed plugin brings a run.": "已安装的插件没有总体判定。",
    "Record": "记录",
    "As of": "截止时点",
    "As known": "已知时点",
    "Members": "成员数",
    "Lines": "明细数",
    "In force from": "生效时点",
    "By class": "各类人数",
    "Control sums": "控制总数",
    "Rule sets": "规则集",
    "Parameters": "参数",
    "Supersedes": "取代",
    "Account no.": "户号",
    "As it stands": "现有结果",
    "As it would be": "重算结果",
    "not finished": "未结束",
    "closed": "已结束",
    "abandoned": "已放弃",
    "no line": "无明细",
    "superseded by {run}": "已被 {run} 取代",
    "The run's own record, as 'guanxi runs list' names it.": "该次判定的记录号，见 guanxi runs list。",
    "How many lines to show.": "显示多少条明细。",
    "The run to carry out.": "要进行的判定。",
    "A parameter of the run; may be given again.": "判定的参数，可多次给出。",
    "Leave out what counts from later; now if left out.": "不计此后起算的内容；默认为现在。",
    "Take the place of a closed run, from when that one counted.": "取代一次已结束的判定，自其生效时点起。",
    "recording lines": "登记明细",
    "{count} more; --lines shows them.": "另有 {count} 条；加 --lines 显示。",
    "Nobody's line would come out otherwise.": "没有成员的结果会不同。",
    "1 line would come out otherwise:": "1 名成员的结果会不同：",
    "{count} lines would come out otherwise:": "{count} 名成员的结果会不同：",
    # Histories and explanations
    "1 entry": "1 条记录",
    "{count} entries": "{count} 条记录",
    "as of now": "截至当前",
    "as of {moment}": "截至 {moment}",
    "as known {moment}": "知悉至 {moment}",
    "as known at position {position}": "知悉至日志位置 {position}",
    "position {position} is inside a transaction": "位置 {position} 在一笔事务之内",
    "{count} earlier ones are not shown; --all shows them.": "较早的 {count} 条未显示；加 --all 全部显示。",
    "No such entry is on record.": "没有这样的记录。",
    "On PostgreSQL: divide the log into N parts, by customer.": "在 PostgreSQL 上：按客户把日志分为 N 个分区。",
    "On PostgreSQL: keep to plain SQL, for servers that only speak like one; writers take turns.": (
        "在 PostgreSQL 上：只用通用 SQL，供仅兼容其协议的服务器使用；写入者轮流写入。"
    ),
    "Of this event name, such as core.file_opened.": "属于该事件名，如 core.file_opened。",
    "Entered by this person.": "由此人录入。",
    "Of this business unit.": "属于此业务单位。",
    "Brought by this import batch.": "由此导入批次带来。",
    "Happened on this day or later.": "在此日或之后发生。",
    "Happened by this day, or this moment.": "至此日或此时刻为止发生。",
    "Behind this position of the log.": "日志此位置之后。",
    "So many entries at most.": "至多这么多条。",
    "There may be more: --after {position} goes on.": "可能还有更多：用 --after {position} 继续。",
    "happened": "发生",
    "what": "内容",
    "whose": "客户",
    "who": "经办人",
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
    "under {rules}: {values}": "适用{rules}：{values}",
    "in place of {entries}": "取代 {entries}",
    "after {entries}": "承接 {entries}",
    "because of {cause}": "因 {cause}",
    "another plugin version: {before} → {after}": "插件版本变更：{before} → {after}",
    "other facets than before, which judged again": "所装主题变更后重新判定",
    "{rules}, published with effect from {moment}": "{rules}（发布并追溯至 {moment} 生效）",
    "it changed {changes}": "变更：{changes}",
    "as they came with {plugin}; nobody had published others": "随 {plugin} 附带；此前无人发布其他版本",
    "in force from {since} · published {moment}": "自 {since} 生效 · 发布于 {moment}",
    "drafted by {by}, approved by {approver}": "{by} 起草，{approver} 批准",
    "retroactive: {reason}": "追溯原因：{reason}",
    "Rule sets named above": "上文所及规则集",
    "perhaps {names}": "是否指 {names}",
    "none": "无",
    "{lead}, because of {cause}": "{lead}，因 {cause}",
    "{lead}, learned together with {cause}": "{lead}，与 {cause} 一并获知",
    "learned together with {cause}": "与 {cause} 一并获知",
    # Rule sets
    "Rule set": "规则集",
    "Plugin": "插件",
    "In force": "现行",
    "Since": "起始",
    "Versions": "版本",
    "Next": "下一版本",
    "Parameter": "参数",
    "Value": "取值",
    "What it is": "说明",
    "default values": "默认值",
    "version {version}": "版本 {version}",
    "in force from {moment}": "自 {moment} 生效",
    "published {moment}": "发布于 {moment}",
    "withdrawn {moment} by {by}, approved by {approver}": "{moment} 由 {by} 撤回，{approver} 批准",
    "its place was taken by version {version}": "已由版本 {version} 取代",
    "in {unit}": "单位：{unit}",
    "default {value} (from its source)": "默认 {value}（据出处）",
    "default {value} (ours)": "默认 {value}（本产品自定）",
    "No parameter differs between {first} and {second}.": "{first}与{second}之间没有参数不同。",
    "Leave out what is to stay. Mappings and lists are given whole.": "不变的参数可省略；映射和列表须整体给出。",
    "Published as version {version}, in force from {moment}.": "已发布为版本 {version}，自 {moment} 生效。",
    "Nothing was published; it would be version {version}, in force from {moment}.": (
        "未发布；将为版本 {version}，自 {moment} 生效。"
    ),
    "Version {version} is withdrawn.": "版本 {version} 已撤回。",
    "reckoning anew what falls due": "重新计算到期事项",
    "The rule set, such as retail.points.": "规则集，如 retail.points。",
    "In force at that moment; now if left out. A date means its end.": (
        "该时点有效者；省略即为现在。日期指当日终了。"
    ),
    "A version's number (0: default values), a moment, or a TOML file.": "版本号（0 为默认值）、时点或 TOML 文件。",
    "The same.": "同上。",
    "The values, as TOML; what it leaves out stays as it is.": "取值（TOML）；未列出的参数不变。",
    "From when they are in force. A date means its beginning.": "自何时生效。日期指当日开始。",
    "Who drafted it.": "起草人。",
    "Who approved it; somebody else.": "批准人；须为另一人。",
    "Why; the change record.": "原因；即变更记录。",
    "Why they take effect in the past, if they do.": "若追溯生效，说明原因。",
    "What the file leaves out goes back to its default.": "文件未列出的参数恢复默认值。",
    "Check and compare, and publish nothing.": "仅检查和比较，不发布。",
    "Its number.": "版本号。",
    "Why.": "原因。",
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
    "subjects": "主题",
    "name": "名称",
    "version": "版本",
    "surface": "接口版本",
    "manifest": "清单",
    "stream of": "所属流",
    "reads": "读取",
    "kind": "类别",
    "form": "格式版本",
    "personal fields": "个人信息字段",
    "temporal": "双时态",
    "runs": "总体判定",
    "exempt": "豁免",
    "reason": "理由",
    "refused": "已拒绝",
    "Written to {file}.": "已写入 {file}。",
    "{file}: the manifest of {name} {version} is well-formed.": "{file}：{name} {version} 的清单格式正确。",
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
    "Behind": "落后条数",
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
    "not kept level: plugin absent": "不再更新：插件未安装",
    "plugin absent": "插件未安装",
    "already version {number}": "已是版本 {number}",
    "building v{number} since {moment}: {position}": "自 {moment} 构建 v{number}：{position}",
    "{name} is being built since {moment}, or that was broken off: the next report carries it on; --broken-off removes it.": (
        "{name} 自 {moment} 起构建中，或已中断：下次生成报表时会接续；--broken-off 可将其删除。"
    ),
    "Remove builds that were broken off, as well, instead of carrying them on.": "同时删除已中断的构建，而不接续。",
    "Left as they are, since the new rows differ: {names}.": "新数据行不同，以下读模型保持原样：{names}。",
    "Find out who changed them; 'guanxi project rebuild {names}' then puts rows made from the log in their place.": (
        "请查明改动来源；随后用“guanxi project rebuild {names}”以日志重建的数据行替换。"
    ),
    "{name}: its rows were changed since they were swapped in; 'guanxi project check {name}' shows which.": (
        "{name}：数据行在替换后被改动；“guanxi project check {name}”可列出。"
    ),
    "manifest ok": "清单与代码相符",
    "Publish although nothing changes: a review that left all values as they are.": "未改变任何值也发布：复核后维持原值。",
    "other values; or --unchanged for a review that changes nothing": "其他值；若复核后维持原值，加 --unchanged",
    "folding anew": "重新折叠",
    "No read model is parked.": "没有停止的读模型。",
    "There is nothing to clean.": "没有可清理的表。",
    "superseded": "已被取代",
    "Table removed": "已删除的表",
    "Why": "原因",
    "One process folded alone: {reason}.": "由单个进程完成：{reason}。",
    "Equal": "相同",
    "Only live": "仅现有",
    "Only new": "仅新建",
    "Differing": "不同",
    "{name} was not compared: {reason}.": "{name} 未作比较：{reason}。",
    "{where}: only among the live rows": "{where}：仅在现有数据行中",
    "{where}: only among the new rows": "{where}：仅在新数据行中",
    "{name} is personal": "{name} 为个人信息",
    "{name} {live}, not {new}": "{name} 为 {live}，应为 {new}",
    "Checksum now": "当前校验和",
    "When swapped": "替换时校验和",
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
    "How many processes fold; if left out, up to 4 for more than 200,000 entries, else 1.": (
        "工作进程数；省略时，超过 200,000 条记录最多 4 个，否则 1 个。"
    ),
    "Add up the rows now; this reads all of them.": "现在计算各行的校验和；须读取全部数据行。",
    "Compare first, and leave the live rows where the new ones differ.": "先作比较；有不同则保留现有数据行。",
    "With --compare: put the new rows in place all the same.": "与 --compare 同用：有不同也替换。",
    "Remove the rows of read models whose plugin is not installed, as well.": (
        "同时删除插件未安装的读模型的数据行。"
    ),
    "Go by the manifests, and import no plugin.": "只看清单，不导入任何插件。",
    "The plugin's name, or core.": "插件名，或 core。",
    "An installed plugin's name, or where its object is: package.module:object.": (
        "已安装的插件名，或其对象所在：package.module:object。"
    ),
    "Write it into the plugin's package instead of showing it.": "写入插件的包内，而不显示。",
    "A plugin.toml, or the folder of a package or project that has one.": "plugin.toml，或含有它的包或项目目录。",
    # Keeping read models level
    "leading": "执行中",
    "{count} behind": "落后 {count}",
    "standing by": "待命",
    "standing by; nobody leads": "待命；暂无执行者",
    "standing by; {who} leads": "待命；由 {who} 执行",
    "{rate} entries/s": "{rate} 条/秒",
    "parked: {names}": "已停：{names}",
    "waiting for the database since {moment}": "自 {moment} 起等待数据库",
    "Readers wait at position {position} for an append that began {moment}: {who}, process {pid}.": (
        "读者停在位置 {position}，等待 {moment} 开始的追加：{who}，进程 {pid}。"
    ),
    "Kept level by": "保持同步者",
    "Role": "角色",
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
    "due": (
        "列出待办事项：何人应在何时之前做何事。\n\n"
        "此处不存储任何状态：每一行都由截止时点的记录推算而来，事后补录的行为按其发生之日计算。各行按最后期限排列。"
    ),
    "search": (
        "按人、事、时查找所有客户的记录。\n\n"
        "同时给出的条件须同时成立。记录按日志次序排列；要看更多，再以 --after 给出所示的最后位置。"
    ),
    "view": (
        "显示一位客户的全部已知情况。\n\n每个有内容的主题一节，另列待办事项。您无权查看的内容只计数、不显示。"
    ),
    "explain": (
        "说明某值由何而来：每条改变过它的记录，及其规则和原因。\n\n"
        "每项判定之后列出其依据，直至最初的事实，以及所适用的规则集取值。"
        "不再计入的记录也一并列出，并说明被什么取代、为何取代。字段可按“history --diff”所示名称填写。"
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
    "backup": (
        "把整个数据库的日志写入新文件，密钥写入另一文件。\n\n"
        "该文件本身即是账本，可用“guanxi --db sqlite:///DEST verify”校验，含全部租户。"
        "密钥写入其旁的 NAME.keys.db，仅本用户可读。抹除个人数据即销毁密钥，而密钥备份会使其复原："
        "请让此类备份按期失效，或不含密钥而另行复制。"
    ),
    "restore": (
        "把备份放入空的 SQLite 或 PostgreSQL 数据库，前后均校验每条哈希。\n\n"
        "要么全部到位，要么什么都没有。读模型重新生成。备份之后被抹除的人会重新出现：请再次抹除。"
    ),
    "copy": (
        "把账本复制到另一数据库：位置、哈希、报表均相同；写入不中断。\n\n"
        "复制的是某一时刻的状态，之后写入的不在其中。复制全部租户，或 --tenant 指定的一个。"
        "要么全部到位并校验每条哈希，要么什么都没有。--keys 说明来源的密钥在何处。"
    ),
    "upgrade": (
        "把旧程序建立的数据表升级为本程序的结构，并校验每条哈希。\n\n"
        "请先备份，并停止旧程序。不改动任何记录；每一步要么完成，要么不做。校验发现问题时退出码为 4。"
    ),
    "verify": "校验每条记录的哈希和每条链，说明何处有何问题。\n\n发现问题时退出码为 4。",
    "advance": "写入已到期的事项，例如到期的积分。\n\n仅为补记：每个查询本已计入，并标明尚未写入。",
    "plugins": "查看已安装的插件及其内容，并检查其自述是否属实。\n\n不带子命令时列出全部插件。",
    "plugins list": (
        "列出此处的插件：内容及其错误。\n\n"
        "逐个导入、取得内容，并与清单及其他插件比对；加 --static 只读清单。有插件无法使用时退出码为 1。"
    ),
    "plugins show": "以两种语言显示插件清单的内容，不导入插件。",
    "plugins manifest": "由代码生成插件清单（plugin.toml）。\n\n原清单中的豁免及其理由予以保留。",
    "plugins new": (
        "新建插件：文件夹 guanxi-NAME，含代码、清单、测试和文书。\n\n"
        "示例为借出物品的登记，供改写；其测试和“guanxi plugins check”原样即可通过。不改动任何已有文件。"
    ),
    "plugins check": (
        "检验插件，显示其在质量等级中的位置。\n\n"
        "校验清单，严格加载，以生成的历史逐项检验插件应有的性质。每条规则为符合、不符（并指明记录）、"
        "豁免（理由见其 plugin.toml）或不适用。未达到所要求的等级时退出码为 1。"
    ),
    "plugins validate": (
        "单独检查一份清单，不导入插件。\n\n"
        "是否与代码相符，由“guanxi plugins list”和插件自身的测试判断。有误时退出码为 1。"
    ),
    "plugins upgrade-check": (
        "检查插件的某一版本能否读取全部已存记录，判定和报表是否相同。\n\n"
        "给出 --with 时，各版本在各自的只读进程中运行；未安装的插件与所存内容比较。不写入任何内容。有不同时退出码为 4。"
    ),
    "check": "检查账本所存能否由其自身重新得出。",
    "check determinism": (
        "重新推导所有已存判定，列出结果不同者。\n\n"
        "每笔事务按当时所知重演，并仅由事实全部重放；两者均须与所存一致。不写入任何内容。有不同时退出码为 4。"
    ),
    "whatif": (
        "其他规则会作出哪些判定、涉及哪些客户，报表会如何显示。\n\n"
        "文件中每个规则集一个表，格式同“guanxi rules template”的输出。不写入，也不发布。"
    ),
    "tenants": "查看一个数据库中有哪些租户，并可由 PostgreSQL 自身将其隔开。\n\n不带子命令时列出全部租户。",
    "tenants list": (
        "列出数据库中的租户，及其记录数和最后一条记录的时间。\n\n"
        "启用行级安全后，数据表的所有者和超级用户可看到全部租户；其他角色只看到所指定的租户，并会得到提示。"
    ),
    "tenants secure": (
        "启用 PostgreSQL 的行级安全：每个连接只能看到和写入自己租户的行。\n\n"
        "即使语句漏写租户，以及对以后建立的表，均有效。须由数据表的所有者执行，其本身也受约束；超级用户不受约束。"
    ),
    "runs": "对全体客户的总体判定（等级、排名、评分），以结束记录一并生效。",
    "runs list": "列出可进行的总体判定，以及已登记的各次判定。",
    "runs show": "显示一次判定：截止时点、规则、控制总数及各成员明细。",
    "runs start": "进行一次判定；中断过的，按其原截止时点接续。",
    "runs abandon": "放弃未结束的判定，其内容一律不生效。",
    "runs differ": (
        "列出按现在所知结果会不同的成员。\n\n该次判定不变，下一次判定给出新结果。有不同时以退出码 4 结束。"
    ),
    "rules": "查看现行规则集，比较版本，发布新版本。",
    "rules list": "列出规则集：现行版本、起始时间和下一版本。",
    "rules show": "显示规则集的参数：取值、单位、范围、默认值；以及由谁、何时、因何发布。",
    "rules diff": "显示两个版本、时点或文件之间有哪些参数不同。",
    "rules template": (
        "以 TOML 文件输出现行取值，供修改后发布。\n\n每个参数旁注明名称、单位、范围和默认值。文件只需给出要变更的参数。"
    ),
    "rules publish": (
        "发布规则集的新版本，发布前显示其变更。\n\n与生效时点的现行版本比较；生效时点与先前版本相同者，取代先前版本。"
        "未改变任何值者被拒绝，除非加 --unchanged。"
    ),
    "rules withdraw": "在生效前撤回已发布的版本；该版本仍可查阅。",
    "project": "查看读模型的进度，或由日志重建读模型。",
    "project status": (
        "显示各读模型的位置、落后于日志多少、因何停下、由谁保持同步。\n\n"
        "报表会自行更新读模型；已停的在排除原因后由 project retry 继续。有已停者时退出码为 1；"
        "数据行在同一位置与替换时不符，退出码为 4。"
    ),
    "project follow": (
        "在运行期间使读模型始终与日志同步。\n\n"
        "可在一台或多台机器上运行任意多个：同一租户的各进程中由一个执行，其余待命。它退出时另一个立即接替，意外终止时三秒之内接替。"
        "数据库中断时等待其恢复。到期事项仍由 guanxi advance 处理。按 Ctrl-C 或收到 SIGTERM 时结束，退出码为 0。"
    ),
    "project rebuild": (
        "由日志在旁重建读模型，同步后替换。\n\n有已停者时退出码为 1；比较发现不同时退出码为 4。"
    ),
    "project check": (
        "在旁重新折叠读模型并作比较，不替换任何数据行。\n\n"
        "绕过日志改动的数据行在此发现；verify 只检查日志。有不同时退出码为 4；有未能比较者时退出码为 1。"
    ),
    "project retry": (
        "排除原因后，从停下的记录继续更新已停的读模型。\n\n"
        "此前已折叠的数据行保留。处理函数若非出错而是算错，插件须提高该读模型的版本。再次停下时退出码为 1。"
    ),
    "project clean": (
        "删除不再有人读取的读模型表：已被取代或已放弃的。\n\n仍在进行的多进程重建会因此中断；"
        "加 --broken-off 则任何重建都会中断。"
    ),
}
