import { statusOrder } from '../text/statuses.ts'

/** Status filters work without the script: CSS hides a row while the checkbox of its status is off. */
const filters = statusOrder
  .map((status) => `main:has(#show-${status}:not(:checked)) .promise[data-status="${status}"]{display:none}`)
  .join('\n')

export const style = `
:root{color-scheme:light dark;--paper:#fbfbf9;--card:#fff;--ink:#1c1e21;--soft:#5d646d;--line:#dfe1e4;--faint:#eff0f1;
--pass:#1a7f4b;--fail:#c0262d;--late:#9a5b00;--known:#276a9e;--invalid:#7b3fa0;--inconclusive:#7b3fa0;--not-applicable:#6b7280;--not-exercised:#6b7280;
--hold:#c9dcf0;--hold-ink:#163b61;--fault:#4a4560;--shade:#4a456017;--bar:#5a8fc4}
@media (prefers-color-scheme:dark){:root{--paper:#14161a;--card:#1b1e23;--ink:#e6e7e9;--soft:#9aa2ac;--line:#31363d;--faint:#24282e;
--pass:#5ac48b;--fail:#ff7b7b;--late:#e9ae57;--known:#74b6e8;--invalid:#c99be6;--inconclusive:#c99be6;--not-applicable:#9aa2ac;--not-exercised:#9aa2ac;
--hold:#24415f;--hold-ink:#cfe3f7;--fault:#b9b3d6;--shade:#b9b3d61c;--bar:#5a8fc4}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1320px;margin:0 auto;padding:36px 28px 80px}
h1{font-size:30px;line-height:1.2;margin:0 0 8px;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:20px;margin:52px 0 6px;letter-spacing:-.01em}
h3{font-size:15px;margin:26px 0 6px}
p{margin:4px 0;max-width:90ch}
a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:2px}
code,pre,.mono{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.soft{color:var(--soft)}.small{font-size:13px}.nowrap{white-space:nowrap}
.mast{color:var(--soft);font-size:13px;margin-bottom:14px}
.facts{display:flex;flex-wrap:wrap;gap:6px 34px;margin:18px 0 14px}
.facts div{min-width:0}.facts dt{font-size:12px;color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
.replay{display:block;width:fit-content;max-width:100%;background:var(--faint);border-radius:6px;padding:7px 12px;user-select:all;overflow-wrap:anywhere}
.trouble{border-left:4px solid var(--inconclusive);background:var(--card);padding:10px 16px;margin:20px 0}
.trouble ul{margin:4px 0;padding-left:20px}
.tools{display:flex;flex-wrap:wrap;gap:8px 18px;align-items:center;margin:12px 0}
.tools label{cursor:pointer;white-space:nowrap}.tools input[type=checkbox]{accent-color:var(--soft);vertical-align:-1px}
#search{font:inherit;width:300px;max-width:100%;padding:5px 11px;border:1px solid var(--line);border-radius:6px;background:var(--card);color:inherit;display:none}
.scripted #search{display:block}
table{border-collapse:collapse;width:100%}
th{font-size:12px;font-weight:500;color:var(--soft);text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:11px 18px 11px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td.num,th.num{text-align:right}
.promises .verdict{width:158px}.promises .what{width:26%}.promises .fault{width:15%}.promises .bound{width:16%}.promises .margin{width:120px;padding-right:0}
.promises{table-layout:fixed}.id{font-weight:600}
.badge{white-space:nowrap;font-weight:600;color:var(--s)}
.badge i{font-style:normal;display:inline-block;width:1.35em}
${statusOrder.map((status) => `[data-status="${status}"]{--s:var(--${status})}`).join('\n')}
tr.promise:not([data-status=pass]):not([data-status=not-applicable]) td:first-child{box-shadow:inset 3px 0 var(--s)}
.promises td:first-child,.promises th:first-child{padding-left:12px}
.why{display:block;margin-top:3px;font-size:13px;color:var(--soft)}
.promise:not([data-status=pass]) .why{color:var(--ink)}.promise code.why{font-size:11.5px}
.promise .why.soft{color:var(--soft)}
.drawn td{padding-top:0}.drawn .wide{margin:0 0 6px 12px}
.history{width:100%;min-width:860px;max-width:1240px;height:auto;font:11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.history text{fill:var(--ink)}.history .axis{fill:var(--soft)}.history .grid{stroke-dasharray:2 3}
.h-write{fill:var(--bar)}.h-read{fill:none;stroke:var(--bar);stroke-width:1.5}.h-shows{stroke:var(--fail);stroke-width:2}.h-write.h-shows{fill:var(--fail)}.history text.h-shown{font-weight:600}
tr.promise:target{background:var(--faint)}
.areas{display:flex;flex-wrap:wrap;align-items:start;gap:22px 34px}.matrix{width:auto}.matrix th,.matrix td{padding:2px 0;text-align:center;vertical-align:bottom;border-bottom:1px solid var(--faint)}
.matrix thead th span{writing-mode:vertical-rl;rotate:180deg;font:11px/1.2 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.matrix [scope=row]{text-align:left;padding-right:14px;font-size:13px}.matrix td[data-status]{min-width:24px;color:var(--s)}
.matrix td[data-status=fail],.matrix td[data-status=late],.matrix td[data-status=invalid],.matrix td[data-status=inconclusive]{box-shadow:inset 0 0 0 1.5px var(--s)}
.matrix a{display:block;color:inherit;text-decoration:none}.matrix i,.legend i{font-style:normal;font-weight:600}.legend [data-status] i{color:var(--s)}
.matrix tr>:last-child:not(:nth-child(2)){border-left:1px solid var(--line)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
svg{display:block}.bar-track{fill:var(--faint)}.bar-held{fill:var(--pass)}.bar-past{fill:var(--fail)}.bar-edge{stroke:var(--soft)}
.wide{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px;margin:12px 0}
.timeline{width:100%;min-width:960px;height:auto;font:11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.timeline text{fill:var(--ink)}.timeline .axis,.timeline .heading{fill:var(--soft)}.timeline .heading{font-weight:600}
.grid{stroke:var(--line)}.shade{fill:var(--shade)}.rule{stroke:var(--line)}
.t-good{fill:var(--pass);opacity:.55}.t-part{fill:var(--late)}.t-bad{fill:var(--fail)}.t-hold{fill:var(--hold);stroke:var(--card)}.t-fault{fill:var(--fault)}.t-doubt{fill:none;stroke:var(--late);stroke-width:1.5;stroke-dasharray:4 2}.t-note{fill:var(--soft)}.t-alarm{fill:var(--late)}
.timeline text.on-hold{fill:var(--hold-ink)}.timeline text.on-solid{fill:var(--card);font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:12px;color:var(--soft)}.legend span{display:flex;align-items:center;gap:6px}
.tally{display:inline-block;margin-left:16px}
.wide .legend{margin-top:10px;padding-top:10px;border-top:1px solid var(--line)}
details{margin:8px 0;border-top:1px solid var(--line);padding-top:8px}
summary{cursor:pointer;font-weight:500}
details>summary .soft{font-weight:400}
pre{background:var(--faint);border-radius:6px;padding:10px 14px;overflow-x:auto;margin:8px 0}
.inner{width:auto;max-width:100%}
.inner td{padding:5px 16px 5px 0;font-size:13px}
.samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(280px,1fr));gap:18px 28px;margin:12px 0}
.samples figure{margin:0}.samples figcaption{font-size:13px;margin-bottom:4px}
.samples svg{width:100%;height:auto;font:11px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}.samples text{fill:var(--ink)}.samples rect{fill:var(--bar)}.samples line{stroke:var(--ink);stroke-dasharray:2 2}
footer{margin-top:56px;color:var(--soft);font-size:13px}
${filters}
@media (max-width:900px){main{padding:22px 14px 60px}.promises thead{display:none}.promises tr{display:block;border-bottom:1px solid var(--line);padding:10px 0}.promises td{display:block;border:0;padding:3px 12px;width:auto!important}.promises td[data-head]:not(:empty)::before{content:attr(data-head)": ";font-size:12px;color:var(--soft)}}
@media print{.tools{display:none}.wide{border:0;padding:0}body{background:#fff}}
`
