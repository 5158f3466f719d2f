// The inbox works without a script. With it, times run, the queue and claims keep up to date, what is typed survives a page that goes
// away, forms are sent without losing the place, what is to check is one key away.
import { $, setClock, tellTimes } from "./dom.js";
import * as cells from "./cells.js";
import * as checks from "./checks.js";
import * as claim from "./claim.js";
import * as draft from "./draft.js";
import * as history from "./history.js";
import * as keys from "./keys.js";
import * as panes from "./panes.js";
import * as queue from "./queue.js";
import * as save from "./save.js";

document.documentElement.classList.add("js");
setClock($("[data-now]")?.dataset.now);

// Whoever signs out leaves nothing behind in this tab.
if ($("[data-signed-out]")) draft.dropAll();

for (const module of [checks, save, draft, claim, history, panes, keys, cells]) module.listen();
save.shown(true);
document.addEventListener("desk:shown", keys.reveal);
keys.reveal();
tellTimes();
setInterval(tellTimes, 1000);
if ($("[data-viewer]")) import("./source.js");
if ($("#queue")) queue.start($("#queue"));
if ($("[data-review]")) claim.start();
save.focusNotice();
