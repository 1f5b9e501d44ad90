// The camera and the photo of a code; what they read goes to `found`.

const SAME_CODE_MS = 4000;

export function watch(root, found) {
  const finder = root.querySelector("[data-viewfinder]");
  const button = root.querySelector("[data-camera]");
  const problem = root.querySelector("[data-camera-problem]");
  const blurred = root.querySelector("[data-photo-problem]");
  let camera = null;
  let last = { code: "", at: 0 };

  function once(code) {
    const now = performance.now();
    if (code === last.code && now - last.at < SAME_CODE_MS) return;
    last = { code, at: now };
    found(code.slice(0, 200));
  }

  function close() {
    camera.destroy();
    camera = null;
    finder.hidden = true;
    button.setAttribute("aria-pressed", "false");
  }

  async function toggle() {
    if (camera) return close();
    problem.hidden = true;
    finder.hidden = false;
    camera = new window.QrScanner(finder.querySelector("video"), (read) => once(read.data), {
      preferredCamera: "environment", maxScansPerSecond: 8, returnDetailedScanResult: true,
    });
    try {
      await camera.start();
      button.setAttribute("aria-pressed", "true");
    } catch {
      close();
      problem.hidden = false;
    }
    return undefined;
  }

  async function readPhoto({ target }) {
    const photo = target.files[0];
    if (!photo) return;
    blurred.hidden = true;
    try {
      const read = await window.QrScanner.scanImage(photo, { returnDetailedScanResult: true });
      once(read.data);
    } catch {
      blurred.hidden = false;
    }
    target.value = "";
  }

  button.addEventListener("click", toggle);
  root.querySelector("[data-photo]").addEventListener("change", readPhoto);
}
