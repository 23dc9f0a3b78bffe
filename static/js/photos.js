/* Shrink photos before they are sent, to spare mobile data; the server takes them as they are, too. */
(() => {
  "use strict";
  const SIDE = 2560;
  const WORTH = 1024 * 1024;

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
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const inputs = [...form.querySelectorAll("input[type=file][data-photos]")].filter((input) => input.files.length);
    if (form.dataset.shrunk || form.dataset.shrinking || !inputs.length || typeof createImageBitmap !== "function") {
      if (form.dataset.shrinking) { event.preventDefault(); event.stopImmediatePropagation(); }
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    form.dataset.shrinking = "yes";
    const button = event.submitter;
    for (const input of inputs) {
      const smaller = new DataTransfer();
      for (const file of input.files) smaller.items.add(await shrink(file));
      input.files = smaller.files;
    }
    delete form.dataset.shrinking;
    form.dataset.shrunk = "yes";
    form.requestSubmit(button);
    delete form.dataset.shrunk;
  }, true);
})();
