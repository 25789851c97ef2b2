import React from "react";

export default function List({ items, onPick }) {
  const [open, setOpen] = useState(false);
  const toggle = () => setOpen(!open);
  return (
    <ul className="list" onClick={toggle}>
      {/* a comment */}
      {items.map((item) => (
        <li key={item.id} onClick={() => onPick(item)}>
          {item.name}
        </li>
      ))}
      <Footer />
    </ul>
  );
}
export const Memo = React.memo(function Inner(props) { return <b>{props.x}</b>; });
