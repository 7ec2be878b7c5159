create table t (a int references u match partial, b int check (b > 0) not enforced);
alter table async t validate constraint c;
aws iam grant r to 'arn:aws:iam::1:role/x';
create index async i on t (a);
