-- Every object of a database as rows (kind, object, parent, property, value), for the catalog oracle.
-- `parent` is what an object cannot be without, as 'kind object'. Names are unambiguous with an empty
-- search_path. What belongs to an extension is not shown.
with member as materialized (
  select classid, objid from pg_depend where deptype = 'e'
),
space as materialized (
  select oid, nspname, quote_ident(nspname) as name, nspowner, nspacl from pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
    and oid not in (select objid from member where classid = 'pg_namespace'::regclass)
),
relation as materialized (
  select c.*, n.name || '.' || quote_ident(c.relname) as path,
         case c.relkind when 'r' then 'table' when 'p' then 'table' when 'f' then 'table'
           when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
           when 'c' then 'type' else 'index' end as kind,
         case c.relkind when 'S' then 'S' else 'r' end::"char" as acl_kind, n.name as space
  from pg_class c join space n on n.oid = c.relnamespace
  where c.oid not in (select objid from member where classid = 'pg_class'::regclass)
),
kind as materialized (
  select t.*, n.name || '.' || quote_ident(t.typname) as path, n.name as space
  from pg_type t join space n on n.oid = t.typnamespace
  where (t.typtype in ('e', 'd', 'r', 'p') or t.typtype = 'b' and t.typcategory <> 'A'
         or t.typtype = 'c' and (select relkind from pg_class where oid = t.typrelid) = 'c')
    and t.oid not in (select objid from member where classid = 'pg_type'::regclass)
),
routine as materialized (
  select p.*, n.name || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')' as path,
         n.name as space
  from pg_proc p join space n on n.oid = p.pronamespace
  where p.oid not in (select objid from member where classid = 'pg_proc'::regclass)
    -- The constructors of a range belong to it.
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                    and d.deptype = 'i')
)
select 'schema', s.name, null, x.property, x.value
from space s, lateral (values
  ('exists', 'true'), ('owner', pg_get_userbyid(nspowner)::text),
  ('comment', obj_description(s.oid, 'pg_namespace')),
  ('privileges', oracle_privileges(nspacl, 'n', nspowner))) x (property, value)
union all
select r.kind, r.path, 'schema ' || r.space, x.property, x.value
from relation r, lateral (values
  ('exists', 'true'),
  ('owner', case when kind <> 'index' then pg_get_userbyid(relowner)::text end),
  ('comment', obj_description(r.oid, 'pg_class')),
  ('privileges', oracle_privileges(relacl, acl_kind, relowner)),
  ('persistence', relpersistence::text),
  ('options', array_to_string(array(select unnest(reloptions) order by 1), ', ')),
  ('tablespace', (select spcname::text from pg_tablespace where oid = reltablespace)),
  ('access method', (select amname::text from pg_am where oid = relam)),
  ('row security', relrowsecurity::text), ('forced row security', relforcerowsecurity::text),
  ('replica identity', relreplident::text
    || coalesce(' ' || (select indexrelid::regclass from pg_index where indrelid = r.oid and indisreplident), '')),
  ('sort of table', relkind::text),
  ('partition key', case relkind when 'p' then pg_get_partkeydef(r.oid) end),
  ('partition bound', case when relkind <> 'i' and relkind <> 'I' then pg_get_expr(relpartbound, r.oid) end),
  ('parents', (select string_agg(inhparent::regclass::text, ', ' order by inhseqno)
               from pg_inherits where inhrelid = r.oid)),
  ('of type', case when reloftype <> 0 then reloftype::regtype::text end),
  ('columns', case when kind <> 'index' then (select string_agg(quote_ident(attname), ', ' order by attnum)
     from pg_attribute where attrelid = r.oid and attnum > 0 and not attisdropped) end),
  ('server', (select s.srvname || array_to_string(f.ftoptions, ', ') from pg_foreign_table f
     join pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = r.oid))
) x (property, value)
where r.relkind in ('r', 'p', 'f', 'S')
union all
select r.kind, r.path, 'schema ' || r.space, x.property, x.value
from relation r, lateral (values
  ('exists', 'true'), ('owner', pg_get_userbyid(relowner)::text),
  ('comment', obj_description(r.oid, 'pg_class')),
  ('privileges', oracle_privileges(relacl, acl_kind, relowner)),
  ('options', array_to_string(array(select unnest(reloptions) order by 1), ', ')),
  ('access method', (select amname::text from pg_am where oid = relam)),
  ('definition', pg_get_viewdef(r.oid)), ('populated', relispopulated::text),
  ('columns', (select string_agg(quote_ident(attname), ', ' order by attnum)
     from pg_attribute where attrelid = r.oid and attnum > 0 and not attisdropped))
) x (property, value)
where r.relkind in ('v', 'm')
union all
select 'column', r.path || '.' || quote_ident(a.attname), r.kind || ' ' || r.path, x.property, x.value
from relation r
join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum,
lateral (values
  ('exists', 'true'),
  ('type', format_type(a.atttypid, a.atttypmod)),
  ('not null', a.attnotnull::text),
  ('default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end),
  ('generated', case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end),
  ('identity', nullif(a.attidentity::text, '')),
  ('sequence', pg_get_serial_sequence(r.oid::regclass::text, a.attname)),
  ('collation', case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end),
  ('storage', case when a.attstorage <> t.typstorage then a.attstorage::text end),
  ('compression', nullif(a.attcompression::text, '')),
  ('options', array_to_string(a.attoptions, ', ')),
  ('foreign options', array_to_string(a.attfdwoptions, ', ')),
  ('statistics target', nullif(a.attstattarget, -1)::text),
  ('inherited', a.attinhcount || case when a.attislocal then ' local' else '' end),
  ('privileges', oracle_privileges(a.attacl, 'c', r.relowner)),
  ('comment', col_description(r.oid, a.attnum))) x (property, value)
where r.relkind in ('r', 'p', 'f', 'c', 'v', 'm')
union all
select 'constraint', o.path || '.' || quote_ident(c.conname), o.kind || ' ' || o.path, x.property, x.value
from pg_constraint c
join (select oid, 'r' as of, kind, path from relation union all select oid, 't', 'type', path from kind) o
  on o.oid = c.conrelid and o.of = 'r' or o.oid = c.contypid and o.of = 't',
lateral (values
  ('exists', 'true'), ('definition', pg_get_constraintdef(c.oid)), ('validated', c.convalidated::text),
  ('inherited', c.coninhcount || case when c.conislocal then ' local' else '' end),
  ('index', case when c.contype in ('p', 'u', 'x', 'f') then nullif(c.conindid, 0)::regclass::text end),
  ('parent', (select conname::text from pg_constraint where oid = c.conparentid)),
  ('comment', obj_description(c.oid, 'pg_constraint'))) x (property, value)
where c.contype <> 't'
union all
select 'index', r.path, coalesce('constraint ' || t.path || '.' || quote_ident(c.conname), t.kind || ' ' || t.path),
       x.property, x.value
from pg_index i join relation r on r.oid = i.indexrelid join relation t on t.oid = i.indrelid
left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'),
lateral (values
  ('exists', 'true'), ('definition', pg_get_indexdef(i.indexrelid)), ('valid', i.indisvalid::text),
  ('clustered', i.indisclustered::text),
  ('parent', (select inhparent::regclass::text from pg_inherits where inhrelid = i.indexrelid)),
  ('tablespace', (select spcname::text from pg_tablespace where oid = r.reltablespace)),
  ('statistics target', (select string_agg(attnum || ' ' || attstattarget, ', ' order by attnum)
     from pg_attribute where attrelid = i.indexrelid and attstattarget <> -1)),
  ('comment', obj_description(i.indexrelid, 'pg_class'))) x (property, value)
union all
select 'sequence', r.path, 'schema ' || r.space, x.property, x.value
from pg_sequence s join relation r on r.oid = s.seqrelid,
lateral (values
  ('type', format_type(s.seqtypid, null)), ('start', s.seqstart::text),
  ('increment', s.seqincrement::text), ('minimum', s.seqmin::text),
  ('maximum', s.seqmax::text), ('cache', s.seqcache::text), ('cycle', s.seqcycle::text),
  ('owned by', (select d.refobjid::regclass || '.' || quote_ident(a.attname)
     || case d.deptype when 'i' then ' as its identity' else '' end
     from pg_depend d
     join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
     where d.classid = 'pg_class'::regclass and d.objid = r.oid and d.deptype in ('a', 'i')))
) x (property, value)
union all
select 'type', t.path, 'schema ' || t.space, x.property, x.value
from kind t left join pg_range g on g.rngtypid = t.oid, lateral (values
  ('exists', 'true'), ('sort', t.typtype::text || t.typisdefined),
  ('owner', pg_get_userbyid(typowner)::text), ('comment', obj_description(t.oid, 'pg_type')),
  ('privileges', oracle_privileges(typacl, 'T', typowner)),
  ('labels', (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
              from pg_enum where enumtypid = t.oid)),
  ('columns', (select string_agg(quote_ident(attname), ', ' order by attnum)
     from pg_attribute where attrelid = t.typrelid and attnum > 0 and not attisdropped)),
  ('base', case t.typtype when 'd' then format_type(t.typbasetype, t.typtypmod) end),
  ('default', coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault)),
  ('not null', case t.typtype when 'd' then t.typnotnull::text end),
  ('collation', nullif(t.typcollation, 0)::regcollation::text),
  ('range', case when g.rngtypid is not null then
     concat_ws(', ', g.rngsubtype::regtype, g.rngmultitypid::regtype, nullif(g.rngcollation, 0)::regcollation,
               (select opcname from pg_opclass where oid = g.rngsubopc),
               nullif(g.rngcanonical::oid, 0)::regproc, nullif(g.rngsubdiff::oid, 0)::regproc) end),
  ('functions', case t.typtype when 'b' then
     concat_ws(', ', t.typinput, t.typoutput, nullif(t.typreceive::oid, 0)::regproc, nullif(t.typsend::oid, 0)::regproc,
               nullif(t.typmodin::oid, 0)::regproc, nullif(t.typmodout::oid, 0)::regproc) end),
  ('layout', case t.typtype when 'b' then concat_ws(' ', t.typlen, t.typbyval, t.typalign, t.typstorage,
     t.typcategory, t.typispreferred, t.typdelim, nullif(t.typelem, 0)::regtype) end)
) x (property, value)
-- Two domains may not share the row of an array type; what it is called belongs to it.
where t.typtype <> 'p' or not t.typisdefined
union all
select 'function', p.path, 'schema ' || p.space, x.property, x.value
from routine p join pg_language l on l.oid = p.prolang left join pg_aggregate a on a.aggfnoid = p.oid, lateral (values
  ('exists', 'true'), ('owner', pg_get_userbyid(proowner)::text), ('comment', obj_description(p.oid, 'pg_proc')),
  ('privileges', oracle_privileges(proacl, 'f', proowner)),
  ('kind', prokind::text), ('arguments', pg_get_function_arguments(p.oid)),
  ('result', pg_get_function_result(p.oid)), ('language', l.lanname::text), ('volatility', provolatile::text),
  ('strict', proisstrict::text), ('security definer', prosecdef::text), ('leakproof', proleakproof::text),
  ('parallel', proparallel::text), ('cost', procost::text), ('rows', prorows::text),
  ('support', nullif(prosupport::oid, 0)::regproc::text), ('binary', probin),
  ('settings', array_to_string(proconfig, ', ')), ('source', prosrc), ('body', pg_get_function_sqlbody(p.oid)),
  ('aggregate', case when a.aggfnoid is not null then concat_ws(', ', aggkind, aggnumdirectargs, aggtransfn,
     aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn,
     aggfinalextra, aggmfinalextra, aggfinalmodify, aggmfinalmodify, aggsortop::regoperator,
     aggtranstype::regtype, aggtransspace, aggmtranstype::regtype, aggmtransspace, agginitval, aggminitval) end)
) x (property, value)
union all
select 'trigger', r.path || '.' || quote_ident(t.tgname), r.kind || ' ' || r.path, x.property, x.value
from pg_trigger t join relation r on r.oid = t.tgrelid, lateral (values
  ('exists', 'true'), ('definition', pg_get_triggerdef(t.oid)), ('enabled', t.tgenabled::text),
  ('parent', (select tgname::text from pg_trigger where oid = t.tgparentid)),
  ('comment', obj_description(t.oid, 'pg_trigger'))) x (property, value)
where not t.tgisinternal
union all
select 'rule', r.path || '.' || quote_ident(w.rulename), r.kind || ' ' || r.path, x.property, x.value
from pg_rewrite w join relation r on r.oid = w.ev_class, lateral (values
  ('exists', 'true'), ('definition', pg_get_ruledef(w.oid)), ('enabled', w.ev_enabled::text),
  ('comment', obj_description(w.oid, 'pg_rewrite'))) x (property, value)
where w.rulename <> '_RETURN'
union all
select 'policy', r.path || '.' || quote_ident(p.polname), r.kind || ' ' || r.path, x.property, x.value
from pg_policy p join relation r on r.oid = p.polrelid, lateral (values
  ('exists', 'true'), ('command', p.polcmd::text), ('permissive', p.polpermissive::text),
  ('roles', (select string_agg(case o when 0 then 'public' else pg_get_userbyid(o)::text end, ', ' order by 1)
             from unnest(p.polroles) o)),
  ('using', pg_get_expr(p.polqual, p.polrelid)), ('with check', pg_get_expr(p.polwithcheck, p.polrelid)),
  ('comment', obj_description(p.oid, 'pg_policy'))) x (property, value)
union all
select 'statistics', n.name || '.' || quote_ident(s.stxname), r.kind || ' ' || r.path, x.property, x.value
from pg_statistic_ext s join space n on n.oid = s.stxnamespace join relation r on r.oid = s.stxrelid,
lateral (values
  ('exists', 'true'), ('definition', pg_get_statisticsobjdef(s.oid)), ('owner', pg_get_userbyid(stxowner)::text),
  ('target', stxstattarget::text), ('comment', obj_description(s.oid, 'pg_statistic_ext'))) x (property, value)
union all
select 'extension', extname::text, null, x.property, x.value
from pg_extension e, lateral (values ('exists', 'true'), ('schema', extnamespace::regnamespace::text),
  ('version', extversion), ('comment', obj_description(e.oid, 'pg_extension'))) x (property, value)
-- Kinds that the catalog has no place for: that there are some, so that each is named.
union all
select x.kind, x.object, null, 'exists', 'true'
from (
  select 'operator', n.name || '.' || o.oprname || '(' || format_type(oprleft, null) || ', '
         || format_type(oprright, null) || ')', 'pg_operator'::regclass, o.oid
  from pg_operator o join space n on n.oid = o.oprnamespace
  union all
  select 'operator class', n.name || '.' || o.opcname || ' ' || a.amname, 'pg_opclass'::regclass, o.oid
  from pg_opclass o join space n on n.oid = o.opcnamespace join pg_am a on a.oid = o.opcmethod
  union all
  select 'operator family', n.name || '.' || o.opfname || ' ' || a.amname, 'pg_opfamily'::regclass, o.oid
  from pg_opfamily o join space n on n.oid = o.opfnamespace join pg_am a on a.oid = o.opfmethod
  union all
  select 'cast', castsource::regtype || ' ' || casttarget::regtype, 'pg_cast'::regclass, oid
  from pg_cast where oid >= 16384
  union all
  select 'collation', n.name || '.' || c.collname, 'pg_collation'::regclass, c.oid
  from pg_collation c join space n on n.oid = c.collnamespace
  union all
  select 'conversion', n.name || '.' || c.conname, 'pg_conversion'::regclass, c.oid
  from pg_conversion c join space n on n.oid = c.connamespace
  union all
  select 'text search configuration', n.name || '.' || c.cfgname, 'pg_ts_config'::regclass, c.oid
  from pg_ts_config c join space n on n.oid = c.cfgnamespace
  union all
  select 'text search dictionary', n.name || '.' || c.dictname, 'pg_ts_dict'::regclass, c.oid
  from pg_ts_dict c join space n on n.oid = c.dictnamespace
  union all
  select 'text search parser', n.name || '.' || c.prsname, 'pg_ts_parser'::regclass, c.oid
  from pg_ts_parser c join space n on n.oid = c.prsnamespace
  union all
  select 'text search template', n.name || '.' || c.tmplname, 'pg_ts_template'::regclass, c.oid
  from pg_ts_template c join space n on n.oid = c.tmplnamespace
  union all
  select 'language', lanname::text, 'pg_language'::regclass, oid from pg_language where oid >= 16384
  union all
  select 'transform', trftype::regtype || ' ' || trflang, 'pg_transform'::regclass, oid from pg_transform
  union all
  select 'access method', amname::text, 'pg_am'::regclass, oid from pg_am where oid >= 16384
  union all
  select 'foreign data wrapper', fdwname::text, 'pg_foreign_data_wrapper'::regclass, oid
  from pg_foreign_data_wrapper
  union all
  select 'foreign server', srvname::text, 'pg_foreign_server'::regclass, oid from pg_foreign_server
  union all
  select 'event trigger', evtname::text, 'pg_event_trigger'::regclass, oid from pg_event_trigger
  union all
  select 'publication', pubname::text, 'pg_publication'::regclass, oid from pg_publication
  union all
  select 'default privileges', pg_get_userbyid(defaclrole)::text || ' ' || coalesce(defaclnamespace::regnamespace::text, '')
         || ' ' || defaclobjtype::text, 'pg_default_acl'::regclass, oid from pg_default_acl
) x (kind, object, class, oid)
where (x.class, x.oid) not in (select classid, objid from member)
