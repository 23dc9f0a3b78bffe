/* Photos: shown as soon as they are chosen, taken out again with one tap, and made smaller before they are
   sent, to spare mobile data. Without this script they are sent as they are; the server takes both.
   A .hq-shots[data-shots] holds file inputs in .add labels, one of them `multiple`; data-remove names the button. */
(() => {
  "use strict";
  const SIDE = 2560;
  const WORTH = 1024 * 1024;
  const MOST = 6;
  if (typeof DataTransfer !== "function") return;

  const put = (input, files) => {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
  };

  const removeButton = (shots) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "rm";
    button.setAttribute("aria-label", shots.dataset.remove || "×");
    const icon = shots.querySelector("svg").cloneNode(true);
    icon.setAttribute("class", "i i-s");
    const use = icon.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#x"));
    button.append(icon);
    return button;
  };

  document.querySelectorAll(".hq-shots[data-shots]").forEach((shots) => {
    const inputs = [...shots.querySelectorAll("input[type=file]")];
    const home = inputs.find((input) => input.multiple);
    if (!home) return;
    let kept = [];
    const show = () => {
      put(home, kept);
      shots.querySelectorAll("figure").forEach((figure) => {
        URL.revokeObjectURL(figure.querySelector("img").src);
        figure.remove();
      });
      kept.forEach((file) => {
        const figure = document.createElement("figure");
        figure.className = "hq-photo";
        const picture = document.createElement("img");
        picture.alt = file.name;
        picture.src = URL.createObjectURL(file);
        const button = removeButton(shots);
        button.addEventListener("click", () => {
          kept = kept.filter((other) => other !== file);
          show();
          home.focus();
        });
        figure.append(picture, button);
        shots.insertBefore(figure, shots.querySelector(".add"));
      });
      shots.querySelectorAll(".add").forEach((label) => { label.hidden = kept.length >= MOST; });
    };
    inputs.forEach((input) => input.addEventListener("change", () => {
      kept = [...kept, ...input.files].slice(0, MOST);
      if (input !== home) input.value = "";
      show();
    }));
  });

  const shrink = async (file) => {
    if (!file.type.startsWith("image/") || file.size < WORTH) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch {
      return file; /* what this browser cannot open, the server judges */
    }
  };

  /* In the capturing phase, before anything else hears of the submission. */
  const PHOTOS = ".hq-shots input[type=file], input[type=file][data-photos]";
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const inputs = [...form.querySelectorAll(PHOTOS)].filter((input) => input.files.length);
    if (form.dataset.shrunk || !inputs.length || !form.requestSubmit || typeof createImageBitmap !== "function") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.shrinking) return;
    form.dataset.shrinking = "yes";
    for (const input of inputs) put(input, await Promise.all([...input.files].map(shrink)));
    /* A form that is still telling of its submission cannot be submitted anew: wait until it has ended. */
    await new Promise((go) => setTimeout(go));
    delete form.dataset.shrinking;
    form.dataset.shrunk = "yes";
    form.requestSubmit(event.submitter);
    delete form.dataset.shrunk;
  }, true);
})();
