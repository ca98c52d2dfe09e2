// What pages gain with scripts on. Every page works without this file.
"use strict";

// A scanner, or a quick hand, may type before the browser gets round to autofocus.
document.querySelector("[autofocus]")?.focus();

// --- forms -----------------------------------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// A second click while the first is on its way: the server knows it by its request_id; here it is not even sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});

// A page takes seconds to read, its MRZ a tenth of one: what that says is shown while the rest is read.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const pictures = form.querySelector("input[type=file]")?.files.length || submitter?.name === "specimen";
  if (event.defaultPrevented || !form.dataset.firstLook || !pictures) return;
  event.preventDefault();
  const place = document.getElementById("first-look");
  try {
    const body = new FormData(form, submitter);
    const answer = await fetch(form.dataset.firstLook, { method: "POST", body, signal: AbortSignal.timeout(5000) });
    if (answer.status === 200 && !answer.redirected) {
      place.innerHTML = await answer.text();
      place.scrollIntoView({ block: "nearest" });
    }
  } catch {
    // Without it the whole reading only takes longer to be seen.
  }
  if (submitter?.name) {
    const chosen = Object.assign(document.createElement("input"), { type: "hidden" });
    form.append(Object.assign(chosen, { name: submitter.name, value: submitter.value }));
  }
  form.submit();
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// --- keys ------------------------------------------------------------------------------------------------------------

const writes = (target) => target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "F6") {
    const reasons = document.getElementById("reasons");
    if (!reasons) return;
    event.preventDefault();
    openReasons(reasons);
    return;
  }
  if (event.key === "F7") {
    const camera = document.querySelector("[data-camera]:not([hidden])");
    if (camera) { event.preventDefault(); camera.click(); }
    return;
  }
  if (/^F\d+$/.test(event.key)) {
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (!target) return;
    event.preventDefault();
    const reasons = document.getElementById("reasons");
    if (event.key === "F4" && reasons && !reasons.querySelector("input:checked")) openReasons(reasons);
    else target.click();
    return;
  }
  const reasons = document.getElementById("reasons");
  if (reasons && reasons.open && /^\d$/.test(event.key) && reasons.contains(event.target)) {
    const box = reasons.querySelector(`[data-digit="${event.key}"]`);
    if (box) { event.preventDefault(); box.click(); }
  }
});

function openReasons(reasons) {
  reasons.open = true;
  reasons.querySelector("input").focus();
}

// --- the MRZ: typed, pasted, or by a scanner that types ---------------------------------------------------------------

function complete(text) {
  const lines = text.toUpperCase().split(/[\r\n]+/).map((line) => line.replace(/\s/g, "")).filter(Boolean);
  return ["44,44", "30,30,30", "36,36", "88", "90", "72"].includes(lines.map((line) => line.length).join());
}

const mrz = document.querySelector("[data-mrz]");
if (mrz) {
  mrz.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && complete(mrz.value)) {
      event.preventDefault();
      mrz.form.requestSubmit();
    }
  });
  mrz.addEventListener("paste", () => setTimeout(() => { if (complete(mrz.value)) mrz.form.requestSubmit(); }));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && event.target.matches("[data-scan]")) {
    const text = event.target.value.trim();
    // The first line of an MRZ: its second follows.
    if (text.includes("<") && !complete(text)) return;
    event.preventDefault();
    if (text) event.target.form.requestSubmit();
  }
});

// A scanner that types while nothing has the focus: what came within a quarter of a second a character is one scan.
let scanned = "", last = 0;
document.addEventListener("keydown", (event) => {
  if (writes(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
  const now = performance.now();
  if (now - last > 250) scanned = "";
  last = now;
  if (event.key === "Enter") {
    if (complete(scanned)) { event.preventDefault(); deliver(scanned); scanned = ""; } else if (scanned) scanned += "\n";
  } else if (/^[A-Za-z0-9<]$/.test(event.key)) {
    scanned += event.key;
    if (scanned.length === 5) event.target.blur?.();
  }
}, true);

function deliver(text) {
  const form = mrz ? mrz.form : document.getElementById("wedge");
  const field = mrz || (form && form.elements.mrz);
  if (!field) return;
  field.value = text;
  if (mrz) form.requestSubmit(); else form.submit();
}

// --- pictures: dropped, chosen, taken -------------------------------------------------------------------------------

function showChosen(input) {
  const list = input.closest("[data-drop]").querySelector("[data-chosen]");
  list.replaceChildren(...Array.from(input.files, (file) => {
    const item = document.createElement("li");
    if (file.type.startsWith("image/") && file.type !== "image/tiff") {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = "";
      item.append(image);
    }
    item.append(file.name);
    return item;
  }));
}

function addFiles(input, files) {
  const all = new DataTransfer();
  for (const file of [...input.files, ...files]) all.items.add(file);
  input.files = all.files;
  showChosen(input);
}

for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = document.getElementById(drop.dataset.drop) || drop.querySelector("input[type=file]");
  input.addEventListener("change", () => showChosen(input));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    drop.classList.remove("over");
    addFiles(input, event.dataTransfer.files);
    drop.closest("form").querySelector("[data-key]")?.focus();
  });
}
// A file that misses its place must not replace the page.
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const input = document.querySelector("[data-drop] input[type=file]");
  if (input && event.dataTransfer.files.length) addFiles(input, event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const input = document.querySelector("[data-drop] input[type=file]");
  if (input && event.clipboardData?.files.length) addFiles(input, event.clipboardData.files);
});

for (const button of document.querySelectorAll("[data-camera]")) {
  const dialog = document.getElementById(button.dataset.camera);
  const video = dialog.querySelector("video");
  const problem = dialog.querySelector("[data-camera-problem]");
  const input = document.querySelector("[data-drop] input[type=file]");
  let stream = null;
  if (!navigator.mediaDevices?.getUserMedia) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    problem.hidden = true;
    dialog.showModal();
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 3840 }, height: { ideal: 2160 } },
      });
      video.srcObject = stream;
    } catch {
      problem.hidden = false;
    }
  });
  const close = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
  };
  dialog.addEventListener("close", close);
  dialog.querySelector("[data-camera-close]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-camera-take]").addEventListener("click", () => {
    if (!video.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      addFiles(input, [new File([blob], `camera-${input.files.length + 1}.jpg`, { type: "image/jpeg" })]);
      dialog.close();
      input.form.querySelector("[data-key]").focus();
    }, "image/jpeg", 0.92);
  });
}

// --- what a reader delivered ------------------------------------------------------------------------------------------

const waiting = document.querySelector("[data-waiting]");
if (waiting) {
  setInterval(() => {
    if (document.hidden) return;
    const input = document.querySelector("[data-drop] input[type=file]");
    const idle = !mrz.value && !input.files.length && !document.querySelector("dialog[open]");
    htmx.ajax("GET", `${waiting.dataset.waiting}${idle ? "?go=1" : ""}`, { target: waiting, swap: "innerHTML" });
  }, 1000);
}

// --- findings and where they show -------------------------------------------------------------------------------------

const findings = document.querySelectorAll("details[data-finding]");
function mark() {
  const open = new Set(Array.from(findings).filter((one) => one.open).map((one) => one.dataset.finding));
  for (const place of document.querySelectorAll("g[data-finding], mark[data-finding]")) {
    place.classList.toggle("on", open.has(place.dataset.finding));
  }
}
for (const finding of findings) {
  finding.addEventListener("toggle", () => {
    mark();
    if (!finding.open) return;
    const place = document.querySelector(`g[data-finding="${finding.dataset.finding}"]`);
    place?.closest("figure").scrollIntoView({ block: "nearest" });
  });
}
if (findings.length) {
  document.documentElement.classList.add("marks");
  mark();
}

// --- the fast lane ----------------------------------------------------------------------------------------------------

document.addEventListener("htmx:afterSwap", (event) => {
  event.target.querySelector?.("[data-scan]")?.focus();
});
