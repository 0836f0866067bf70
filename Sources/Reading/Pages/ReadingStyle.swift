/// What the reading room adds to the style of all pages.
enum ReadingStyle {
  static let css = """
    .kicker code{text-transform:none;letter-spacing:0}
    .controls{margin:18px 0;display:grid;gap:12px}
    .search{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center}
    .search input{flex:1 1 300px;min-width:0;font:inherit;font-size:1.05rem;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:8px;padding:.55em .8em}
    .filters{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:8px 12px;align-items:end}
    .filters label{display:grid;gap:2px;font-size:.82rem;color:var(--soft);min-width:0}
    select,button{font:inherit;font-size:.93rem;color:var(--ink);background:var(--card);border:1px solid var(--soft);border-radius:8px;padding:.35em .6em;max-width:100%}
    .filters select{width:100%}
    button{cursor:pointer}
    button[aria-pressed=true].plain{background:var(--ink);color:var(--paper)}
    .found{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center;min-height:2.2em}
    #chips{display:contents}
    .chip{border-radius:99px;border-color:var(--accent);color:var(--accent)}
    .papers{list-style:none;margin:0;padding:0;display:grid;gap:14px}
    .paper{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;display:grid;gap:4px 18px;grid-template-columns:minmax(0,1fr) auto}
    .paper:focus-within{border-color:var(--accent)}
    .paper:has(.thumbnail){grid-template-columns:minmax(0,1fr) minmax(0,240px) auto}
    .paper .body{min-width:0}.paper .star{order:3;margin:-8px -10px 0 0}.paper .thumbnail{order:2;width:100%;height:auto;border-radius:6px}
    .paper p{margin:.3em 0}
    .paper h3 a{text-decoration:none}.paper h3 a:hover,.paper h3 a:focus-visible{text-decoration:underline}
    .summary{color:var(--soft);font-size:.93rem;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
    .state{font-size:.82rem;color:var(--soft)}
    .topics{display:flex;flex-wrap:wrap;gap:6px}
    .topic{font-size:.82rem;color:var(--soft);background:none;border:1px solid var(--line);border-radius:99px;padding:.1em .7em;text-decoration:none}
    .topic:hover{color:var(--accent);border-color:var(--accent)}
    .star{align-self:start;border:0;background:none;font-size:1.3rem;line-height:1;padding:.2em;min-width:44px;min-height:44px;color:var(--soft)}
    .star[aria-pressed=true]{color:var(--accent)}
    .divider{color:var(--soft);font-size:.9rem;padding:6px 2px 0;border-top:1px solid var(--line)}
    #more{margin:18px auto;display:block}#more[hidden]{display:none}
    .related{padding-left:1.2em}.related li{margin:.4em 0}
    .guide{padding-bottom:20px}.guide h1{margin-top:.5em}.guide h3{margin-top:1.6em}.guide li{max-width:68ch;margin:.25em 0}
    .guide code{overflow-wrap:anywhere}.guide pre code{overflow-wrap:normal}.guide img{max-width:100%;height:auto}
    .guide td,.guide th{min-width:6em}
    kbd{font:.86em ui-monospace,"DejaVu Sans Mono",monospace;border:1px solid var(--line);border-radius:4px;padding:0 .4em;background:var(--card)}
    @media(max-width:700px){.paper:has(.thumbnail){grid-template-columns:minmax(0,1fr) auto}.paper .thumbnail{grid-column:1/-1;max-width:320px;order:4}
    .filters{grid-template-columns:1fr 1fr}.keys{display:none}}
    @media print{.controls,.star,#more,.keys,.divider{display:none}.paper{break-inside:avoid;border-color:#999}.summary{display:block;-webkit-line-clamp:none}
    .topic{border-color:#999}}
    """
}
