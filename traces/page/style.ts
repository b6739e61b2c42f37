/** How a page looks: system fonts, two themes, one colour a role, red for what failed and nothing else. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --raised: #ffffff; --sunken: #f3f3f1; --line: #e2e2de; --strong-line: #c6c6c0;
  --ink: #1d1f23; --soft: #5b6069; --accent: #2456c4; --marked: #e6eefc; --hover: #f0f2f5;
  --bad: #c4221d; --bad-ground: #fdeceb; --good: #1b7340; --good-ground: #e5f4ea; --open-ground: #fbf1dc; --open: #845400;
  --role-0: #3a6fd8; --role-1: #8452c8; --role-2: #0d8a86; --role-3: #c27a0a; --role-4: #b8468c;
  --role-5: #5d8a23; --role-6: #9a6340; --role-7: #4b6b94; --role-none: #83888f;
  --model-0: #7c5fd3; --model-1: #5468cf; --model-2: #9257bf;
  --tool-0: #d78a17; --tool-1: #c2a01c; --tool-2: #d0703a; --tool-3: #a9803a; --other-0: #3f9a93; --other-1: #5b8fa8;
  --wait-0: #d5d8dd; --wait-1: #c3ccd6; --wait-2: #d9d2c8; --wait-3: #cdd5cf; --done-0: #9ccfae; --failed-0: #e0645e;
  --on-wait: #33373d; --on-model: #ffffff; --on-tool: #2a1a02; --on-other: #04201e; --on-failed: #2d0503;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181c; --raised: #1d2025; --sunken: #121417; --line: #2c3037; --strong-line: #454b55;
    --ink: #e7e9ec; --soft: #a0a6b0; --accent: #86aefc; --marked: #223350; --hover: #23272e;
    --bad: #ff7b72; --bad-ground: #3a1d1d; --good: #6fd08f; --good-ground: #173323; --open-ground: #372b12; --open: #e5b558;
    --role-0: #6d9bf2; --role-1: #b18bee; --role-2: #3dbdb6; --role-3: #e0a544; --role-4: #e080b8;
    --role-5: #98c25a; --role-6: #cf9a75; --role-7: #8fadd4; --role-none: #8b919b;
    --model-0: #8d74de; --model-1: #7488e0; --model-2: #ac7fd2;
    --tool-0: #cf8d2c; --tool-1: #b39a32; --tool-2: #cf7a4a; --tool-3: #a3834a; --other-0: #4fa8a1; --other-1: #6b9cb4;
    --wait-0: #4a505a; --wait-1: #43546a; --wait-2: #5a5044; --wait-3: #47584d; --done-0: #2f6b45; --failed-0: #c9524c;
    --on-wait: #eceef1; --on-model: #0f0a1f; --on-tool: #1a1002; --on-other: #03201e; --on-failed: #1f0302;
  }
}
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body {
  display: flex; flex-direction: column; overflow: hidden; background: var(--ground); color: var(--ink);
  font: 13px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
button, input { font: inherit; color: inherit; }
button { background: none; border: 0; padding: 0; cursor: pointer; }
code { font-family: var(--mono); font-size: 12px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: 3px; }
[hidden] { display: none !important; }

header { display: flex; flex-wrap: wrap; gap: 6px 28px; align-items: flex-start; padding: 14px 20px 10px; }
.told { flex: 1 1 300px; min-width: 0; }
h1 { margin: 0; font-size: 17px; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; max-height: 66px; overflow: auto; }
.told p { margin: 4px 0 0; color: var(--soft); overflow-wrap: anywhere; max-height: 57px; overflow: auto; }
.outcome { display: inline-block; padding: 1px 8px; margin-right: 4px; border-radius: 9px; font-weight: 600; font-size: 12px; }
.outcome.good { background: var(--good-ground); color: var(--good); }
.outcome.bad { background: var(--bad-ground); color: var(--bad); }
.outcome.open { background: var(--open-ground); color: var(--open); }
dl { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0; }
dl div { display: flex; flex-direction: column-reverse; }
dt { font-size: 11px; color: var(--soft); }
dd { margin: 0; font-size: 16px; font-weight: 600; line-height: 1.3; }
dl .bad dd { color: var(--bad); }
dd button { font-weight: inherit; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
.run { margin-left: 10px; color: var(--soft); font-weight: 400; }

nav { display: flex; align-items: center; gap: 16px; padding: 0 20px; border-bottom: 1px solid var(--line); }
[role=tablist] { display: flex; gap: 2px; flex: 1; }
[role=tab] { padding: 7px 12px 8px; color: var(--soft); border-bottom: 2px solid transparent; font-weight: 500; }
[role=tab]:hover { color: var(--ink); }
[role=tab][aria-selected=true] { color: var(--ink); border-bottom-color: var(--accent); font-weight: 600; }
.find { display: flex; align-items: center; gap: 8px; min-width: 0; }
.find input {
  width: 240px; max-width: 32vw; padding: 4px 9px; background: var(--raised);
  border: 1px solid var(--strong-line); border-radius: 6px;
}
.find input::placeholder { color: var(--soft); opacity: 1; }
#found { color: var(--soft); white-space: nowrap; }

main { flex: 1; display: flex; min-height: 0; position: relative; }
section { flex: 1; min-width: 0; display: flex; flex-direction: column; }
.fill { flex: 1; min-height: 0; display: flex; flex-direction: column; }
.bar-tools { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px; padding: 7px 20px; color: var(--soft); font-size: 12px; }
.bar-tools .key { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; }
.bar-tools .gap { flex: 1; }
.act { padding: 1px 8px; border: 1px solid var(--line); border-radius: 5px; color: var(--soft); background: var(--raised); }
.act:hover { color: var(--ink); border-color: var(--strong-line); }
.dot { display: inline-block; flex: none; width: 8px; height: 8px; border-radius: 50%; background: var(--shade, var(--role-none)); }
.scroll { flex: 1; overflow: auto; position: relative; min-height: 0; background: var(--raised); border-top: 1px solid var(--line); }
.scroll > .rows { position: relative; }
.rows > * { position: absolute; left: 0; right: 0; }
.nothing { padding: 40px 20px; color: var(--soft); text-align: center; }

.columns { display: grid; grid-template-columns: minmax(200px, 44%) 116px 66px minmax(120px, 1fr); align-items: center; }
.columns.head { position: sticky; top: 0; z-index: 2; height: 26px; background: var(--raised); border-bottom: 1px solid var(--line); color: var(--soft); font-size: 11px; }
.columns.head > :first-child { padding-left: 20px; }
.columns.head > :nth-child(3) { text-align: right; padding-right: 10px; }
.row { height: 24px; white-space: nowrap; cursor: default; }
.row:hover { background: var(--hover); }
.row.chosen { background: var(--marked); }
.row.dim > * { opacity: .7; }
.row > * { overflow: hidden; text-overflow: ellipsis; }
.row .name { padding: 0 10px 0 12px; display: flex; align-items: center; height: 24px; overflow: hidden; background-repeat: no-repeat; }
.row .guides { flex: none; align-self: stretch; background: repeating-linear-gradient(to right, transparent 0 8px, var(--line) 8px 9px, transparent 9px 13px); }
.twist { flex: none; width: 18px; height: 20px; color: var(--soft); font-size: 9px; text-align: center; }
.twist:hover { color: var(--ink); }
.label { overflow: hidden; text-overflow: ellipsis; }
.label .verb { color: var(--soft); }
.label b { font-weight: 600; }
.label .detail { color: var(--soft); margin-left: 8px; }
.row.failed .label, .row.failed .detail { color: var(--bad); }
.tag { flex: none; margin: 0 6px 0 0; padding: 0 5px; border-radius: 4px; font-size: 11px; line-height: 16px; background: var(--bad-ground); color: var(--bad); font-weight: 600; }
.tag.plain { background: var(--open-ground); color: var(--open); }
.row .peer { display: flex; align-items: center; gap: 6px; color: var(--soft); font-size: 12px; padding-right: 6px; }
.row .peer span { overflow: hidden; text-overflow: ellipsis; }
.row .took { text-align: right; padding-right: 10px; color: var(--soft); font-size: 12px; }
.row.fold { color: var(--soft); font-style: italic; }
.row.fold button { text-align: left; font-style: inherit; }
.row.fold button:hover { color: var(--accent); }
.lane { position: relative; height: 24px; margin-right: 20px; overflow: hidden; }
.lane i { position: absolute; display: block; top: 6px; height: 12px; min-width: 2px; border-radius: 2px; background: var(--shade, var(--role-none)); }
.lane i.agent { top: 10px; height: 4px; opacity: .45; }
.lane i.turn { top: 5px; height: 14px; border-radius: 1px; }
.lane i.send { top: 5px; width: 2px; height: 14px; opacity: .6; }
.lane i.tool { background: repeating-linear-gradient(115deg, var(--shade, var(--role-none)) 0 3px, color-mix(in srgb, var(--shade, var(--role-none)) 55%, var(--raised)) 3px 6px); }
.lane i.takeover { width: 10px; height: 10px; margin-left: -5px; top: 7px; transform: rotate(45deg); border-radius: 1px; background: var(--open); }
.lane i.failed { background: var(--bad); }
.lane i.folded { top: 11px; height: 2px; background: repeating-linear-gradient(to right, var(--soft) 0 2px, transparent 2px 5px); }
.axis { position: relative; height: 100%; margin-right: 20px; overflow: hidden; cursor: ew-resize; touch-action: none; }
.axis span { position: absolute; top: 5px; padding-left: 4px; border-left: 1px solid var(--strong-line); white-space: nowrap; line-height: 16px; }
.axis .picked { position: absolute; top: 0; bottom: 0; padding: 0; border: 0; background: var(--accent); opacity: .25; }

svg { display: block; }
svg text { fill: var(--ink); font-size: 12px; }
svg .soft { fill: var(--soft); font-size: 11px; }
svg .life { stroke: var(--strong-line); stroke-width: 1; }
svg [tabindex]:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.bar-tools svg { display: inline-block; height: 10px; }
.steps { position: sticky; top: 0; z-index: 2; background: var(--raised); border-bottom: 1px solid var(--line); }
.step { height: 30px; cursor: default; }
.step:hover { background: var(--hover); }
.step.chosen { background: var(--marked); }
.step .wire { fill: none; stroke: var(--shade, var(--role-none)); stroke-width: 1.5; }
.step .tip { fill: var(--shade, var(--role-none)); }
.step.answer .wire { stroke-dasharray: 5 3; }
.step.failure { --shade: var(--bad); }
.step.failure text, .step.lost text { fill: var(--bad); }
.step.lost .wire { stroke-dasharray: 2 3; }
.step .plate { fill: var(--raised); }
.step:hover .plate { fill: var(--hover); }
.step.chosen .plate { fill: var(--marked); }
.step.takeover { --shade: var(--open); }
.step.takeover text { fill: var(--open); }
.step.takeover .soft { fill: var(--soft); }

.map { flex: 1; display: flex; min-height: 0; background: var(--raised); border-top: 1px solid var(--line); }
.map > svg { flex: 1; min-width: 0; min-height: 0; }
.map .edges { width: 300px; flex: none; overflow: auto; border-left: 1px solid var(--line); padding: 4px 0 12px; }
.map .edges h2 { padding: 8px 16px 4px; }
.map .edges button { display: grid; grid-template-columns: 1fr auto; gap: 0 8px; width: 100%; padding: 4px 16px; text-align: left; }
.map .edges button:hover { background: var(--hover); }
.map .edges button.chosen { background: var(--marked); }
.map .edges b { font-weight: 600; }
.map .edges small { grid-column: 1 / -1; color: var(--soft); font-size: 11px; overflow-wrap: anywhere; }
.map .edges .bad { color: var(--bad); }
.map .left-out { margin: 8px 16px 0; color: var(--soft); font-size: 11px; }
.edge { cursor: pointer; }
.edge path { fill: none; stroke: var(--shade, var(--role-none)); }
.edge .hit { stroke: transparent; stroke-width: 14; }
.edge .head { fill: var(--shade, var(--role-none)); stroke: none; }
.edge text { font-size: 11px; font-weight: 600; text-anchor: middle; dominant-baseline: central; }
.edge circle { fill: var(--raised); stroke: var(--line); }
.edge.failing circle { stroke: var(--bad); }
.edge.failing text { fill: var(--bad); }
.faded { opacity: .12; }
svg:not(.pointed) .quiet, .quiet.faded { display: none; }
.node { cursor: pointer; }
.node circle { fill: var(--raised); stroke: var(--shade, var(--role-none)); stroke-width: 2.5; }
.node text { text-anchor: middle; font-weight: 600; }
.node .soft { font-weight: 400; }
.node .soft { paint-order: stroke; stroke: var(--raised); stroke-width: 4px; stroke-linejoin: round; }
.node text.right { text-anchor: start; }
.node text.left { text-anchor: end; }
.node.nobody circle { stroke-dasharray: 4 3; stroke: var(--bad); }

.state-columns { display: grid; grid-template-columns: 236px minmax(0, 1fr); }
.state-columns.head { position: sticky; top: 0; z-index: 2; height: 26px; align-items: center; background: var(--raised); border-bottom: 1px solid var(--line); color: var(--soft); font-size: 11px; }
.state-columns.head > :first-child { padding-left: 20px; }
.state-row { height: 46px; border-bottom: 1px solid var(--line); cursor: default; }
.state-row.chosen { background: var(--marked); }
.state-row .who { padding: 5px 12px 0 20px; overflow: hidden; white-space: nowrap; }
.state-row .who div { display: flex; align-items: center; gap: 7px; overflow: hidden; }
.state-row .who b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; }
.state-row .who small { color: var(--soft); font-size: 11px; overflow: hidden; text-overflow: ellipsis; }
.state-row .who small.bad { color: var(--bad); font-weight: 600; }
.state-row > svg { width: calc(100% - 20px); height: 45px; overflow: hidden; }
.state-row svg svg { overflow: visible; }
.state-row rect { fill: var(--shade); cursor: pointer; }
.state-row rect:hover { filter: brightness(1.08); }
.state-row rect.chosen { stroke: var(--ink); stroke-width: 2; }
.state-row rect.failed { fill: var(--bad); }
.state-row text { font-size: 11px; pointer-events: none; }
.state-row text.wait, .state-row text.done { fill: var(--on-wait); }
.state-row text.model { fill: var(--on-model); }
.state-row text.tool { fill: var(--on-tool); }
.state-row text.other { fill: var(--on-other); }
.state-row text.failed { fill: var(--on-failed); }
.state-row .over { fill: var(--open); stroke: var(--raised); cursor: pointer; }
.swatch { display: inline-block; width: 14px; height: 10px; border-radius: 2px; background: var(--shade); }
.swatch.thin { height: 4px; }

aside { width: 400px; max-width: 92vw; flex: none; overflow: auto; padding: 14px 18px 24px; border-left: 1px solid var(--line); border-top: 1px solid var(--line); background: var(--raised); }
aside .close { float: right; width: 26px; height: 26px; margin: -3px -6px 0 8px; border-radius: 5px; color: var(--soft); font-size: 16px; }
aside .close:hover { background: var(--hover); color: var(--ink); }
h2 { margin: 0; font-size: 12px; font-weight: 600; color: var(--soft); }
aside h2 { margin: 18px 0 6px; }
aside h3 { margin: 0; font-size: 15px; font-weight: 600; line-height: 1.35; overflow-wrap: anywhere; }
aside .sentence { margin: 4px 0 0; color: var(--soft); overflow-wrap: anywhere; }
aside .sentence b { color: var(--ink); font-weight: 500; }
.trouble { margin: 10px 0 0; padding: 7px 10px; border-radius: 6px; background: var(--bad-ground); color: var(--bad); overflow-wrap: anywhere; white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
td { padding: 3px 0; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
tr:first-child td { border-top: 0; }
td:first-child { width: 46%; padding-right: 10px; color: var(--soft); }
td.long { width: auto; }
.attributes td { font-family: var(--mono); font-size: 11.5px; line-height: 1.5; white-space: pre-wrap; }
.jump { display: block; width: 100%; padding: 3px 6px; margin: 0 -6px; text-align: left; border-radius: 4px; overflow-wrap: anywhere; }
.jump:hover { background: var(--hover); }
.jump small { color: var(--soft); font-size: 11px; }
.jump em { font-style: normal; color: var(--accent); }
details summary { cursor: pointer; margin: 18px 0 6px; }
summary h2 { display: inline; }
.facts td:first-child { width: 74px; }
.doing { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 10px; }
noscript { padding: 20px; }

@media (max-width: 1050px) {
  aside { position: absolute; right: 0; top: 0; bottom: 0; z-index: 5; box-shadow: -8px 0 24px rgb(0 0 0 / .18); }
  .columns { grid-template-columns: minmax(180px, 48%) 96px 62px minmax(90px, 1fr); }
  .map .edges { width: 240px; }
  .state-columns { grid-template-columns: 180px minmax(0, 1fr); }
}
@media (max-width: 640px) {
  .columns { grid-template-columns: minmax(0, 1fr) 56px 26%; }
  .columns > :nth-child(2) { display: none; }
  .map { flex-direction: column; }
  .map .edges { width: auto; max-height: 40%; border-left: 0; border-top: 1px solid var(--line); }
  .state-columns { grid-template-columns: 120px minmax(0, 1fr); }
  nav { flex-wrap: wrap; gap: 4px 12px; padding-bottom: 6px; }
}
@media (prefers-reduced-motion: no-preference) { .faded, .edge, .node { transition: opacity .12s; } }
`
