"use strict";
document.documentElement.classList.add("scripted");

// Sort a table by a column, within its groups.
for (const table of document.querySelectorAll("table.sortable")) {
  table.querySelectorAll("thead th").forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      for (const body of table.tBodies) {
        const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
        rows.sort((a, b) => compare(a.cells[column].dataset.sort, b.cells[column].dataset.sort, down));
        body.append(...rows);
      }
    });
  });
}

// Numbers by size, words by alphabet, what has no value always last.
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

// Put the cursor of a video at a time, and its player too where there is one.
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
