export const useStore = (initial: State) => {
  let state = initial;
  const listeners = new Set<Listener>();
  function emit(): void {
    listeners.forEach((listener) => listener(state));
  }
  const api = {
    get: () => state,
    set(next: State) {
      state = next;
      emit();
    },
    subscribe: function (listener: Listener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return api as const;
};
