// Files of messages, to look at and to keep.

import { as, part, request } from "./api.js";
import { attempt, button, h, save } from "./dom.js";

const PICTURES = /^image\/(?:png|jpeg|gif|webp|bmp)$/i;

export function download(user, message, place, file) {
  const fetched = async () => (await request(as(user, `attachments/${part(message)}?place=${place}`))).blob();
  const shown = h("span", { class: "file" });
  shown.append(button(`${file.name} (${size(file.size)})`, attempt(async () => save(await fetched(), file.name)), { "aria-label": `Download ${file.name}` }));
  if (PICTURES.test(file.contentType) && file.size < 5e6) {
    fetched().then((blob) => {
      const address = URL.createObjectURL(blob);
      shown.prepend(h("img", { src: address, alt: file.name, onload: () => URL.revokeObjectURL(address) }));
    }).catch(() => {});
  }
  return shown;
}

export function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// What the control port takes as a file of a message.
export async function upload(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { name: file.name, contentType: file.type || "application/octet-stream", base64: btoa(text) };
}
