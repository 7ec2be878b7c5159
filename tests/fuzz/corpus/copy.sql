copy t (a, b) from stdin;
1	'
\N	;
\.
create temp table t (a int);
