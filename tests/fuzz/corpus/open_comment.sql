/* a /* b */
 select 1;