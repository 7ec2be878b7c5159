select $a$ b $$ c
