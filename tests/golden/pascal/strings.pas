unit Strings1;
interface
implementation
function Text(const Name: string): string;
const
  Quote = 'it''s';
begin
  Result := 'one { no comment }' + #13#10 +
    '// nor this' + Name;
end;
end.
