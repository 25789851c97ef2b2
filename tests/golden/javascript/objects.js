const api = {
  version: 1,
  get(path) {
    return fetch(path);
  },
  post: async (path, body) => {
    return fetch(path, { method: "POST", body });
  },
  put: function (path) { return path; },
  get latest() { return this.cache; },
  nested: {
    deep() { return 1; },
    "with space": () => 2,
  },
  list: [
    { run() { return 3; } },
    {
      run: () => 4,
    },
  ],
};
export default {
  methods: {
    save() { this.$emit("save"); },
  },
};
