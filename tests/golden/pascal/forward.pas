unit Forwards;
interface
procedure Exported(X: Integer); overload;
procedure Exported(X: string); overload;
function External1: Integer; external 'lib' name 'f';
implementation
procedure Later; forward;
procedure Exported(X: Integer); overload;
begin
  Later;
end;
procedure Exported(X: string); overload;
begin
end;
procedure Later;
begin
end;
function Abs1(X: Integer): Integer; assembler;
asm
  mov eax, X
  neg eax
end;
end.
