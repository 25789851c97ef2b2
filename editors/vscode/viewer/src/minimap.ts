/** The whole picture in a corner, coloured, with a frame around what is on the screen; a click or a drag goes there. */

import type { App } from "./app";
import { html } from "./dom";

const WIDEST = 170;
const HIGHEST = 220;

export function minimap(app: App): HTMLElement {
  const canvas = html("canvas");
  const holder = html("div", { class: "minimap", "aria-hidden": "true" }, canvas);
  const drawing = document.createElement("canvas");
  let scale = 1;
  const paint = () => {
    const { picture } = app;
    if (picture === undefined) {
      return;
    }
    const { width, height, item } = picture.layout;
    scale = Math.min(WIDEST / width, HIGHEST / height, 0.25);
    for (const surface of [canvas, drawing]) {
      surface.width = Math.max(16, Math.ceil(width * scale)) * devicePixelRatio;
      surface.height = Math.max(16, Math.ceil(height * scale)) * devicePixelRatio;
    }
    canvas.style.width = `${canvas.width / devicePixelRatio}px`;
    canvas.style.height = `${canvas.height / devicePixelRatio}px`;
    const context = drawing.getContext("2d");
    if (context === null) {
      return;
    }
    const style = getComputedStyle(document.documentElement);
    const ratio = scale * devicePixelRatio;
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const [group, line, plain, hatch] = ["--group-inner", "--group-line", "--box-line", "--hatch"].map(colour);
    item.forEach((one) => {
      const box = one === 0 ? undefined : picture.box(one);
      if (box === undefined) {
        return;
      }
      const [x, y, w, h] = box.map((value) => value * ratio);
      if (picture.isOpen(one)) {
        context.fillStyle = group;
        context.strokeStyle = line;
        context.fillRect(x, y, w, h);
        context.strokeRect(x, y, w, h);
        return;
      }
      const { state, heat, value } = picture.paint(one);
      context.fillStyle = state === "unknown" ? hatch : state === "none" || value === "" ? plain : picture.colour(heat).fill;
      context.fillRect(x, y, Math.max(1, w), Math.max(1, h));
    });
    frame();
  };
  const frame = () => {
    const context = canvas.getContext("2d");
    const { picture } = app;
    if (context === null || picture === undefined) {
      return;
    }
    const { left, top, right, bottom } = app.scene.region();
    const { width, height } = picture.layout;
    holder.hidden = left <= 0 && top <= 0 && right >= width && bottom >= height;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(drawing, 0, 0);
    const ratio = scale * devicePixelRatio;
    context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--accent").trim();
    context.lineWidth = 1.5 * devicePixelRatio;
    const x = Math.max(1, left * ratio);
    const y = Math.max(1, top * ratio);
    context.strokeRect(x, y, Math.min(canvas.width - 1, right * ratio) - x, Math.max(3, Math.min(canvas.height - 1, bottom * ratio) - y));
  };
  const go = (event: PointerEvent) => {
    if (event.buttons === 1) {
      const { left, top } = canvas.getBoundingClientRect();
      const { width, height } = app.scene.size;
      const camera = app.scene.camera;
      const x = ((event.clientX - left) / scale) * camera.scale;
      const y = ((event.clientY - top) / scale) * camera.scale;
      app.look({ scale: camera.scale, x: width / 2 - x, y: height / 2 - y });
    }
  };
  holder.addEventListener("pointerdown", (event) => {
    holder.setPointerCapture(event.pointerId);
    go(event);
  });
  holder.addEventListener("pointermove", go);
  app.listen((change) => {
    if (change === "layout" || change === "figure") {
      paint();
    } else if (change === "camera") {
      frame();
    }
  });
  return holder;
}
