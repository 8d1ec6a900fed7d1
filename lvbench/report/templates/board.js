// Filter the models of a board: bars, rows and details of a model are shown or hidden together.
for (const form of document.querySelectorAll(".filter")) {
  const section = form.closest("section");
  const models = [...section.querySelectorAll("tr[data-source]")];
  const count = form.querySelector("output");
  const show = () => {
    const words = form.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = [...form.querySelectorAll("select")].filter((select) => select.value);
    let shown = 0;
    for (const row of models) {
      const text = row.cells[0].textContent.toLowerCase();
      const fits =
        words.every((word) => text.includes(word)) &&
        chosen.every((select) => row.dataset[select.name] === select.value);
      shown += fits;
      for (const part of section.querySelectorAll("[data-key]")) {
        if (part.dataset.key === row.dataset.key) part.hidden = !fits;
      }
    }
    count.textContent = `${shown} of ${models.length} models`;
  };
  for (const event of ["input", "change"]) form.addEventListener(event, show);
  show();
}

// A model's link opens its details, and so does an address with their anchor.
function openModel() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target && target.closest("details");
  if (!details) return;
  details.open = true;
  details.scrollIntoView();
}
addEventListener("hashchange", openModel);
for (const link of document.querySelectorAll('tr a[href^="#"]')) {
  link.addEventListener("click", () => setTimeout(openModel));
}
openModel();
