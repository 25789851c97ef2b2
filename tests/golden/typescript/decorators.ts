@Component({
  selector: "app",
})
export class App {
  @Input() name = "";

  @Output()
  changed = new EventEmitter();

  @HostListener("window:resize", ["$event"])
  @debounce(100)
  onResize(event: UIEvent): void {
    this.changed.emit(event);
  }

  @memo get width() { return 1; }
}
