<?php
namespace App\Model;

use App\Base;

#[Entity(table: 'users')]
final class User extends Base implements \Countable, Named
{
    use Timestamps;

    public const ACTIVE = 1;
    private static int $count = 0;

    public function __construct(private readonly string $name, protected ?int $age = null)
    {
        parent::__construct();
        self::$count++;
    }

    #[Pure]
    public static function create(string ...$names): static
    {
        return new static(...$names);
    }

    abstract protected function hidden(): void;
    public function __get(string $key): mixed { return $this->$key; }
    private function count(): int { return self::$count; }
}

function helper(): User { return User::create('x'); }
