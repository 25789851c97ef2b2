/** Where on the screen the picture stands: screen = world × scale + (x, y). Plain values. */

export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const SMALLEST = 0.02;
export const LARGEST = 4;
const READABLE = 0.55;
const MARGIN = 24;

/** Zooms by `factor`; what is at (x, y) of the screen stays there. */
export function zoomed(camera: Camera, factor: number, x: number, y: number): Camera {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, camera.scale * factor));
  const ratio = scale / camera.scale;
  return { scale, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio };
}

export function moved(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x + dx, y: camera.y + dy };
}

/** All of the picture, at most at its natural size. */
export function fitted(picture: Size, screen: Size): Camera {
  const scale = Math.max(SMALLEST, Math.min(1, (screen.width - 2 * MARGIN) / picture.width, (screen.height - 2 * MARGIN) / picture.height));
  return { scale, x: (screen.width - picture.width * scale) / 2, y: (screen.height - picture.height * scale) / 2 };
}

/** All of it if that can be read, or if it is too wide for the screen; else its beginning. */
export function beginning(picture: Size, screen: Size): Camera {
  const all = fitted(picture, screen);
  if (all.scale >= READABLE || picture.width * READABLE > screen.width) {
    return all;
  }
  const scale = Math.min(1, Math.max(READABLE, (screen.width - 2 * MARGIN) / picture.width));
  return { scale, x: (screen.width - picture.width * scale) / 2, y: MARGIN };
}

/** The box in the middle of the screen, at a scale at which it can be read. */
export function centred(camera: Camera, x: number, y: number, width: number, height: number, screen: Size): Camera {
  const room = Math.min((screen.width - 2 * MARGIN) / width, (screen.height - 2 * MARGIN) / height);
  const scale = Math.min(Math.max(camera.scale, 0.8), Math.max(room, 0.3));
  const top = height * scale > screen.height - 2 * MARGIN ? MARGIN - y * scale : screen.height / 2 - (y + height / 2) * scale;
  return { scale, x: screen.width / 2 - (x + width / 2) * scale, y: top };
}

/** Moves as little as is needed for the box to be on the screen. */
export function showing(camera: Camera, x: number, y: number, width: number, height: number, screen: Size): Camera {
  const shift = (low: number, size: number, room: number) => {
    if (low < MARGIN || size > room - 2 * MARGIN) {
      return MARGIN - low;
    }
    return low + size > room - MARGIN ? room - MARGIN - low - size : 0;
  };
  const isSeen = (low: number, size: number, room: number) => low > -size / 2 && low < room - Math.min(size, 60) / 2 && size > room - 2 * MARGIN;
  const left = x * camera.scale + camera.x;
  const top = y * camera.scale + camera.y;
  const w = width * camera.scale;
  const h = height * camera.scale;
  return moved(camera, isSeen(left, w, screen.width) ? 0 : shift(left, w, screen.width), isSeen(top, h, screen.height) ? 0 : shift(top, h, screen.height));
}
