"use strict";
document.documentElement.classList.add("scripted");

// Fold the components of a score under its headline; without scripts all rows are shown.
const metricOf = (row) => row.dataset.key.replace(/\.[^@]*/, "");

// The rows of a group in blocks: a headline with the components of its metric that follow it.
function blocks(body) {
  const found = [];
  for (const row of body.querySelectorAll("tr[data-key]")) {
    const block = found.at(-1);
    const below = row.classList.contains("component") && block && metricOf(block[0]) === metricOf(row);
    if (below) block.push(row);
    else found.push([row]);
  }
  return found;
}

function fold(block, folded) {
  for (const row of block.slice(1)) row.hidden = folded;
  block[0].querySelector("button.fold").setAttribute("aria-expanded", String(!folded));
}

function foldButton(text, label, cell) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "fold", textContent: text });
  button.setAttribute("aria-label", label);
  button.setAttribute("aria-expanded", "false");
  cell.append(" ", button);
  return button;
}

for (const table of document.querySelectorAll("table.sortable")) {
  const foldable = [...table.tBodies].flatMap(blocks).filter((block) => block.length > 1);
  if (!foldable.length) continue;
  for (const block of foldable) {
    const head = block[0].cells[0];
    const button = foldButton(block.length - 1, `components of ${head.dataset.sort}`, head);
    button.addEventListener("click", () => fold(block, button.getAttribute("aria-expanded") === "true"));
    fold(block, true);
  }
  const all = foldButton("all", "all components", table.tHead.rows[0].cells[0]);
  all.addEventListener("click", () => {
    const folded = all.getAttribute("aria-expanded") === "true";
    all.setAttribute("aria-expanded", String(!folded));
    for (const block of foldable) fold(block, folded);
  });
}

// Sort a table by a column, within its groups; components stay below their headline.
for (const table of document.querySelectorAll("table.sortable")) {
  table.querySelectorAll("thead th").forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      for (const body of table.tBodies) {
        const value = (block) => block[0].cells[column].dataset.sort;
        const sorted = blocks(body).sort((a, b) => compare(value(a), value(b), down));
        body.append(...sorted.flat());
      }
    });
  });
}

// Numbers by size, words alphabetically, missing values always last.
function compare(a, b, down) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const numbers = !isNaN(a) && !isNaN(b);
  const order = numbers ? a - b : a.localeCompare(b);
  return down ? -order : order;
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

for (const button of document.querySelectorAll("button[data-download]")) {
  button.addEventListener("click", () => {
    const data = document.getElementById(button.dataset.download).textContent;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data], { type: "application/json" }));
    link.download = "results.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

// Move the cursor of a video to a time, and its player if there is one.
function seek(anchor, seconds, play) {
  const section = document.getElementById(anchor);
  const player = section.querySelector("video");
  showCursor(anchor, seconds);
  if (!player || !play) return;
  section.querySelector("details.player").open = true;
  player.currentTime = seconds;
  player.preload = "auto";
}

function showCursor(anchor, seconds) {
  for (const axis of document.querySelectorAll(`[data-video="${anchor}"]`)) {
    axis.style.setProperty("--cursor", `${(100 * seconds) / axis.dataset.seconds}%`);
  }
}

for (const axis of document.querySelectorAll("[data-seconds]")) {
  axis.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-start]");
    const box = axis.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const seconds = mark ? Number(mark.dataset.start) : share * axis.dataset.seconds;
    event.preventDefault();
    seek(axis.dataset.video, seconds, true);
    if (axis.closest(".lanes")) document.getElementById(axis.dataset.video).scrollIntoView();
  });
}

for (const player of document.querySelectorAll("video")) {
  const anchor = player.closest(".video").id;
  player.addEventListener("timeupdate", () => showCursor(anchor, player.currentTime));
}
