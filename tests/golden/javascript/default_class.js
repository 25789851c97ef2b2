export default class extends Base {
  run() { return 1; }
}
