// A photo made small on the phone, so that it goes through a thin network and fits many times into
// what the phone keeps; place and time of the camera are not in it any more.

const LONGEST_SIDE = 1280;
const QUALITY = 0.8;

/** The bytes of a JPEG. Throws where the file is no photo. */
export async function shrunk(file) {
  const photo = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(photo.width, photo.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(photo.width * scale);
  canvas.height = Math.round(photo.height * scale);
  canvas.getContext("2d").drawImage(photo, 0, 0, canvas.width, canvas.height);
  photo.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob.arrayBuffer();
}
