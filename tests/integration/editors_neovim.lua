-- Drives the language server from Neovim, and writes what the editor shows as JSON.
--
--     nvim --headless -u NONE -l editors_neovim.lua DSQLINT FOLDER OUTPUT
--
-- FOLDER has shop.sql, a text; lines.json, the lines of it to set; and setup-1.lua and setup-2.lua, what
-- users are told to write into their configuration.
local program, folder, output = unpack(arg)
local said = { messages = {}, asked = vim.empty_dict() }

local function read(name)
  return table.concat(vim.fn.readfile(folder .. '/' .. name, 'b'), '\n')
end

local function wait(what, test)
  if not vim.wait(20000, test, 10) then error('Neovim has waited for ' .. what) end
end

-- The messages of the server as its editor decodes them.
local decode = vim.json.decode
vim.json.decode = function(text, options)
  if type(text) == 'string' and text:find('"jsonrpc"', 1, true) then table.insert(said.messages, text) end
  return decode(text, options)
end

-- The requests of the editor, by id; and when it was asked for settings.
local start = vim.lsp.rpc.start
vim.lsp.rpc.start = function(command, dispatchers, ...)
  local asked = dispatchers.server_request
  dispatchers.server_request = function(method, ...)
    if method == 'workspace/configuration' then vim.schedule(function() said.configured = (said.configured or 0) + 1 end) end
    return asked(method, ...)
  end
  local server = start(command, dispatchers, ...)
  local request = server.request
  server.request = function(method, ...)
    local good, id = request(method, ...)
    if id then said.asked[tostring(id)] = method end
    return good, id
  end
  return server
end

vim.filetype.add({ extension = { sql = 'sql' } })
local config = dofile(folder .. '/setup-1.lua')
config.cmd[1] = program
vim.lsp.config.dsqlint = config
dofile(folder .. '/setup-2.lua')
vim.cmd.edit(folder .. '/shop.sql')
vim.bo.filetype = 'sql'
vim.api.nvim_exec_autocmds('FileType', { pattern = 'sql' })

local buffer = vim.api.nvim_get_current_buf()
wait('the server', function()
  local clients = vim.lsp.get_clients({ bufnr = buffer })
  return #clients == 1 and clients[1].initialized
end)
local client = vim.lsp.get_clients({ bufnr = buffer })[1]
said.encoding = client.offset_encoding

local function shown()
  return vim.tbl_map(function(one)
    return { one.code, one.lnum, one.col, one.end_lnum, one.end_col }
  end, vim.diagnostic.get(buffer))
end
local function settled(previous)
  local last
  wait('findings', function()
    local now = vim.inspect(shown())
    if #shown() == 0 or now == previous then return false end
    if now ~= last then last = now return false end
    return true
  end)
  return shown(), last
end

local opened
said.opened, opened = settled()
for _, change in ipairs(decode(read('lines.json'))) do
  vim.api.nvim_buf_set_lines(buffer, change[1], change[2], true, change[3])
end
said.edited = settled(opened)
local function text()
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), '\n') .. '\n'
end
said.text = text()

-- A quick fix where the cursor is, as a user applies it; then undone, and nothing before it.
vim.bo.undolevels = vim.bo.undolevels
local first = vim.diagnostic.get(buffer)[1]
vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
local tick = vim.api.nvim_buf_get_changedtick(buffer)
local function changed() return vim.api.nvim_buf_get_changedtick(buffer) ~= tick end
vim.lsp.buf.code_action({
  apply = true,
  context = { only = { 'quickfix' }, diagnostics = {} },
  filter = function(action) return not said.title and (function() said.title = action.title return true end)() end,
})
wait('the quick fix', changed)
said.rule = first.code
said.quick = text()
vim.cmd.undo()

-- Written, and fixed before that; then all other fixes, too.
vim.cmd.write()
said.saved = read('shop.sql')
local before = said.configured or 0
client.settings = { dsqlint = { fixAll = 'all' } }
client:notify('workspace/didChangeConfiguration', { settings = client.settings })
wait('the settings', function() return (said.configured or 0) > before end)
tick = vim.api.nvim_buf_get_changedtick(buffer)
vim.lsp.buf.code_action({ apply = true, context = { only = { 'source.fixAll.dsqlint' }, diagnostics = {} } })
wait('all fixes', changed)
said.all = text()

client:stop()
wait('the end', function() return client:is_stopped() end)
local file = assert(io.open(output, 'wb'))
file:write(vim.json.encode(said))
file:close()
