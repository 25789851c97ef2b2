const routes = {
  home() {
    return '/';
  },
  user: (id: string) => `/users/${id}`,
} as const;

export const handlers = {
  click(event: MouseEvent) {
    track(event);
  },
} satisfies Record<string, Handler>;

export default {
  setup() {
    return {};
  },
} satisfies Component;
