import * as React from "react";

type Props<T> = { items: T[]; render: (item: T) => React.ReactNode };

export function List<T>({ items, render }: Props<T>) {
  const [open, setOpen] = React.useState<boolean>(false);
  const toggle = React.useCallback(() => setOpen((o) => !o), []);
  return (
    <ul className={open ? "open" : "closed"}>
      {items.map((item, i) => {
        const key = String(i);
        return <li key={key}>{render(item)}</li>;
      })}
    </ul>
  );
}
export const Button: React.FC<{ label: string }> = ({ label }) => <button>{label}</button>;
