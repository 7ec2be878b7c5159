-- The catalog as rows (kind, object, attribute, value, names): what the oracle compares. `names`
-- are the names by which a finding can speak about the row: the object's and its table's.
with user_schema as (
  select oid, nspname from pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
),
relation as (
  select c.*, n.nspname || '.' || c.relname as path, n.nspname,
         -- A sequence goes by the name of the table that owns it, too.
         array[c.relname::text] || (select array_agg(t.relname::text)
           from pg_depend d join pg_class t on t.oid = d.refobjid
           where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
             and d.refobjsubid > 0 and c.relkind = 'S') as names
  from pg_class c join user_schema n on n.oid = c.relnamespace
  where not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                    and d.objid = c.oid and d.deptype = 'e')
)
select 'schema', nspname, 'exists', 'true', array[nspname::text] from user_schema
union all
select case relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view'
         when 'm' then 'view' when 'S' then 'sequence' when 'f' then 'table' else 'composite' end,
       path, 'exists', 'true', names
from relation where relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c')
union all
select 'table', path, 'storage', concat_ws(' ', relkind, relpersistence, relispartition,
         array_to_string(reloptions, ','), (select spcname from pg_tablespace where oid = reltablespace),
         (select amname from pg_am where oid = relam and amname <> 'heap'),
         relrowsecurity, relforcerowsecurity, relreplident),
       array[relname::text]
from relation where relkind in ('r', 'p', 'f')
union all
select 'table', path, 'partition key', pg_get_partkeydef(oid), array[relname::text]
from relation where relkind = 'p'
union all
select 'table', r.path, 'parent ' || i.inhparent::regclass, 'true',
       array[r.relname::text, (select relname::text from pg_class where oid = i.inhparent)]
from relation r join pg_inherits i on i.inhrelid = r.oid where r.relkind in ('r', 'p', 'f')
union all
select 'owner', path, 'owner', pg_get_userbyid(relowner), names
from relation where relkind in ('r', 'p', 'v', 'm', 'S')
union all
select 'grant', path, 'acl', array_to_string(array(select unnest(relacl)::text order by 1), ' '),
       names
from relation where relkind in ('r', 'p', 'v', 'm', 'S') and relacl is not null
union all
select 'view', path, 'definition', relkind::text || pg_get_viewdef(oid), array[relname::text]
from relation where relkind in ('v', 'm')
union all
select 'column', r.path || '.' || a.attname, x.attribute, x.value,
       array[r.relname::text, a.attname::text]
from relation r
join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum,
lateral (values
  ('type', format_type(a.atttypid, a.atttypmod)),
  ('not null', a.attnotnull::text),
  ('default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end),
  ('generated', case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end),
  ('identity', nullif(a.attidentity::text, '')),
  ('collation', (select collname::text from pg_collation
                 where oid = a.attcollation and collname <> 'default')),
  ('compression', nullif(a.attcompression::text, '')),
  ('comment', col_description(r.oid, a.attnum))) x (attribute, value)
where r.relkind in ('r', 'p', 'f', 'c', 'v', 'm') and x.value is not null
union all
-- A foreign key is repeated in every partition, and a partition's constraints are its parent's.
select 'constraint', r.path || '.' || c.conname, 'definition', pg_get_constraintdef(c.oid),
       array[r.relname::text, c.conname::text]
from pg_constraint c join relation r on r.oid = c.conrelid
where c.conparentid = 0
union all
select 'index', r.path, 'definition',
       pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' INVALID' end,
       array[r.relname::text, t.relname::text]
from pg_index i join relation r on r.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
where not exists (select from pg_constraint c where c.conindid = i.indexrelid)
union all
select 'sequence', r.path, x.attribute, x.value, r.names
from pg_sequence s join relation r on r.oid = s.seqrelid,
lateral (values
  ('type', format_type(s.seqtypid, null)), ('start', s.seqstart::text),
  ('increment', s.seqincrement::text), ('minimum', s.seqmin::text),
  ('maximum', s.seqmax::text), ('cache', s.seqcache::text), ('cycle', s.seqcycle::text),
  ('owner column', (select d.refobjid::regclass || '.' || a.attname from pg_depend d
     join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
     where d.classid = 'pg_class'::regclass and d.objid = r.oid and d.deptype in ('a', 'i')))
) x (attribute, value)
union all
select 'function', p.oid::regprocedure::text, 'definition',
       md5(concat_ws(' ', p.prosrc, p.prosqlbody::text is not null, l.lanname, p.provolatile,
                     p.prosecdef, p.proisstrict, pg_get_function_result(p.oid),
                     array_to_string(p.proconfig, ','))),
       array[p.proname::text]
from pg_proc p join user_schema n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
where not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass
                  and d.objid = p.oid and d.deptype = 'e')
union all
select 'trigger', r.path || '.' || t.tgname, 'definition', pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text,
       array[r.relname::text, t.tgname::text]
from pg_trigger t join relation r on r.oid = t.tgrelid where not t.tgisinternal and t.tgparentid = 0
union all
select 'rule', r.path || '.' || w.rulename, 'definition', pg_get_ruledef(w.oid),
       array[r.relname::text, w.rulename::text]
from pg_rewrite w join relation r on r.oid = w.ev_class where w.rulename <> '_RETURN'
union all
select 'policy', r.path || '.' || p.polname, 'exists', 'true', array[r.relname::text, p.polname::text]
from pg_policy p join relation r on r.oid = p.polrelid
union all
select 'type', n.nspname || '.' || t.typname, 'definition',
       concat_ws(' ', t.typtype, (select string_agg(enumlabel, ',' order by enumsortorder)
                                  from pg_enum where enumtypid = t.oid),
                 case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
                 t.typnotnull, t.typdefault,
                 (select string_agg(conname || ' ' || pg_get_constraintdef(c.oid), ',' order by conname)
                  from pg_constraint c where contypid = t.oid)),
       array[t.typname::text]
from pg_type t join user_schema n on n.oid = t.typnamespace
where t.typtype in ('e', 'd', 'r')
  and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass
                  and d.objid = t.oid and d.deptype = 'e')
union all
select 'extension', extname::text, 'exists', 'true', array[extname::text] from pg_extension
union all
select 'comment', r.path, 'comment', d.description, array[r.relname::text]
from pg_description d join relation r on r.oid = d.objoid
where d.classoid = 'pg_class'::regclass and d.objsubid = 0
union all
select 'statistics', n.nspname || '.' || s.stxname, 'definition', pg_get_statisticsobjdef(s.oid),
       array[s.stxname::text]
from pg_statistic_ext s join user_schema n on n.oid = s.stxnamespace
union all
select 'grant', coalesce(n.nspname, '') || '.default ' || d.defaclobjtype::text, 'acl',
       pg_get_userbyid(d.defaclrole) || ' ' || array_to_string(d.defaclacl, ' '),
       array[coalesce(n.nspname, 'privileges')::text]
from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
