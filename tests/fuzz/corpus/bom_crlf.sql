create index i on t (a);
-- x
begin;
create table t (id serial);
create table u (a int);
commit;
