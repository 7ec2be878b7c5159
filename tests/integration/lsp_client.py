"""Drives the language server with pygls's client, and prints what it has heard as JSON.

    lsp_client.py DSQLINT FOLDER
"""

import asyncio
import json
import os
import sys

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

PROGRAM, FOLDER = sys.argv[1:]
URI = f"file://{FOLDER}/shop.sql"


def short(diagnostics):
    return sorted([d.code, int(d.severity), d.range.start.line, d.range.start.character]
                  for d in diagnostics)


async def session(pulls, heard):
    client = LanguageClient("test", "1")
    pushed = asyncio.get_running_loop().create_future()

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def published(params):
        if params.uri == URI and not pushed.done():
            pushed.set_result(params)

    await client.start_io(PROGRAM, "lsp")
    started = await client.initialize_async(lsp.InitializeParams(
        capabilities=lsp.ClientCapabilities(
            workspace=lsp.WorkspaceClientCapabilities(
                workspace_edit=lsp.WorkspaceEditClientCapabilities(document_changes=True)),
            text_document=lsp.TextDocumentClientCapabilities(
                diagnostic=lsp.DiagnosticClientCapabilities() if pulls else None,
                code_action=lsp.CodeActionClientCapabilities(
                    code_action_literal_support=lsp.ClientCodeActionLiteralOptions(
                        code_action_kind=lsp.ClientCodeActionKindOptions(value_set=[]))))),
        workspace_folders=[lsp.WorkspaceFolder(uri=f"file://{FOLDER}", name="root")]))
    heard["name"] = started.server_info.name
    client.initialized(lsp.InitializedParams())
    with open(os.path.join(FOLDER, "shop.sql"), encoding="utf-8") as file:
        text = file.read()
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(
        text_document=lsp.TextDocumentItem(uri=URI, language_id="sql", version=1, text=text)))
    document = lsp.TextDocumentIdentifier(uri=URI)
    place = lsp.Position(line=2, character=6)
    if pulls:
        report = await client.text_document_diagnostic_async(
            lsp.DocumentDiagnosticParams(text_document=document))
        heard["pulled"] = short(report.items)
    else:
        params = await asyncio.wait_for(pushed, 30)
        assert params.version == 1
        heard["pushed"] = short(params.diagnostics)
        hover = await client.text_document_hover_async(
            lsp.HoverParams(text_document=document, position=place))
        heard["hover"] = hover.contents.value
        symbols = await client.text_document_document_symbol_async(
            lsp.DocumentSymbolParams(text_document=document))
        heard["symbols"] = [symbol.name for symbol in symbols]
        actions = await client.text_document_code_action_async(lsp.CodeActionParams(
            text_document=document, range=lsp.Range(start=place, end=place),
            context=lsp.CodeActionContext(diagnostics=[])))
        change, = actions[0].edit.document_changes
        heard["fixed"] = "".join(edit.new_text for edit in change.edits)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()


def main():
    heard = {}
    for pulls in (False, True):
        asyncio.run(session(pulls, heard))
    print(json.dumps(heard))


main()
