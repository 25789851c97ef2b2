<?php
interface Shape { public function area(): float; }
trait Named {
    private string $name = '';
    public function name(): string { return $this->name; }
    abstract public function id(): int;
}
enum Suit: string {
    case Hearts = 'H';
    case Spades = 'S';
    public function label(): string {
        return match ($this) {
            self::Hearts => 'red',
            default => 'black',
        };
    }
    public static function first(): self { return self::Hearts; }
}
