select 1 \gset
select :a, :'b', :"c" \g
\if :{?x}
:stmt;
\endif
create table :t (a int);
