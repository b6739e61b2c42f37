/**
 * How a report looks: system fonts and two themes, which the reader may choose. The colours of lines are eight that
 * people with any of the common kinds of colour blindness can tell apart (after Okabe and Ito, "Color Universal
 * Design", 2008), darkened or lightened until each has a contrast of 3:1 with its ground; symbols differ besides.
 */
const LIGHT = `
  color-scheme: light;
  --ground: #ffffff; --sunken: #f4f4f2; --line: #dededa; --strong-line: #b9b9b3; --ink: #1d1f23; --soft: #5b6069;
  --accent: #1f55b8; --marked: #e6eefc;
  --series-0: #0072b2; --series-1: #d55e00; --series-2: #008f68; --series-3: #b5508c;
  --series-4: #2f92c9; --series-5: #a87400; --series-6: #454a52; --series-7: #8a5a33;`

const DARK = `
  color-scheme: dark;
  --ground: #16181c; --sunken: #202329; --line: #343941; --strong-line: #5a616c; --ink: #e7e9ec; --soft: #a6acb6;
  --accent: #8db3ff; --marked: #223350;
  --series-0: #4ba3e3; --series-1: #ff8a3d; --series-2: #2fc79a; --series-3: #e59ac6;
  --series-4: #8ed0f5; --series-5: #e8b73f; --series-6: #c3c8d0; --series-7: #c99a72;`

export const style = `
:root { ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme=light]) { ${DARK} } }
@media screen { :root[data-theme=dark] { ${DARK} } }
* { box-sizing: border-box; }
html { scroll-padding-top: 12px; }
body {
  margin: 0 auto; padding: 0 24px 64px; max-width: 1240px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, h4 { line-height: 1.3; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 24px; }
h2 { margin: 0 0 6px; font-size: 19px; }
h2 small { color: var(--soft); font-size: 13px; font-weight: 400; }
h3 { margin: 18px 0 4px; font-size: 15px; }
h4 { margin: 8px 0 2px; font-size: 13px; font-weight: 600; color: var(--soft); }
a { color: var(--accent); }
p { margin: 4px 0 10px; max-width: 85ch; overflow-wrap: anywhere; }
ul { margin: 4px 0; padding-left: 20px; }
li { max-width: 85ch; margin: 3px 0; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; font-size: 12.5px; }
pre { padding: 12px; background: var(--sunken); overflow: auto; max-height: 70vh; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--strong-line); border-radius: 6px; padding: 2px 10px; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
[hidden] { display: none !important; }
.soft { color: var(--soft); font-size: 13.5px; }

header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: flex-start; padding: 28px 0 14px; }
.told { flex: 1 1 300px; min-width: 0; }
.told p { color: var(--soft); }
.themes { display: flex; }
.themes button { border-radius: 0; margin-left: -1px; font-size: 13px; }
.themes button[aria-pressed=true] { background: var(--marked); }
header dl { flex: 1 0 100%; display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 0; }
header dl div { min-width: 0; }
dt { font-size: 12.5px; color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
header dd { font-weight: 600; }
nav { border-block: 1px solid var(--line); padding: 8px 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0; padding: 0; list-style: none; font-size: 14px; }
section { padding: 30px 0 6px; }
section + section { border-top: 1px solid var(--line); margin-top: 22px; }

.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 2px 28px; }

.figure { min-height: 380px; }
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; margin: 8px 0 4px; padding: 0; list-style: none; font-size: 13.5px; }
.legend li { margin: 0; display: inline-flex; align-items: center; }
.legend button, .legend .key { display: inline-flex; align-items: center; gap: 7px; padding: 1px 9px 1px 6px; }
.legend button { border-color: var(--line); }
.legend button[aria-pressed=false] { color: var(--soft); text-decoration: line-through; }
.legend button[aria-pressed=false] svg { opacity: .35; }
.legend svg { flex: none; overflow: visible; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 14px 24px; }
.panels.one { max-width: 920px; }
.panel { min-width: 0; }
.panel h3 { margin: 8px 0 0; font-size: 13px; font-weight: 600; }
.plot { display: block; width: 100%; max-width: 100%; height: auto; overflow: visible; --plot-background: var(--ground); color: var(--ink); font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
.plot text, .plot tspan { white-space: pre; }

summary { cursor: pointer; margin: 10px 0; color: var(--accent); }
.wide { overflow: auto; max-height: 75vh; margin-top: 10px; }
table { border-collapse: collapse; font-size: 13.5px; }
caption { text-align: left; color: var(--soft); padding: 4px 0; }
th, td { padding: 3px 12px 3px 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); font-weight: 400; }
th { text-align: left; }
thead th { color: var(--soft); vertical-align: bottom; text-align: right; position: sticky; top: 0; background: var(--ground); }
thead .name { text-align: left; }
.terms dt { color: var(--ink); font-size: 14px; font-weight: 600; margin-top: 10px; }
.terms dt code, .terms dt small { color: var(--soft); font-weight: 400; margin-left: 6px; }
.terms dd { max-width: 85ch; color: var(--soft); }
@media (max-width: 640px) { body { padding: 0 14px 48px; } header { padding-top: 18px; } }
@media print {
  .figure { min-height: 0; }
  body { max-width: none; padding: 0; font-size: 12px; }
  .soft, .legend, table, h3, h4, .panel h3, header dt { font-size: inherit; }
  a { color: inherit; text-decoration: none; }
  nav, .themes, summary, details:not([open]) { display: none; }
  .panel, figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .wide { overflow: visible; max-height: none; }
}
`
