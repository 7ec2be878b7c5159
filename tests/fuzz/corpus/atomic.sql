create function f() returns int language sql begin atomic select case when true then 1 end; select 2; end;
create temp table t (a int);
create rule r as on insert to t do also (delete from u; delete from v);
