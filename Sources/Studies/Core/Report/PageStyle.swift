/// The style of all pages.
enum PageStyle {
  static let css = """
    :root{--ink:#1c1b19;--soft:#5c5952;--line:#dcd8cf;--paper:#fbfaf7;--card:#fff;--accent:#0b5c8f;--holds:#0a6b3d;--holdsbg:#e3f3ea;\
    --fails:#9d2a12;--failsbg:#fbe7e1;--open:#5c5952;--openbg:#eeece6}
    @media(prefers-color-scheme:dark){:root{--ink:#ece9e2;--soft:#aaa598;--line:#3a3832;--paper:#171613;--card:#1f1e1a;--accent:#7cc4f0;\
    --holds:#7fd6a6;--holdsbg:#17382a;--fails:#f5a48f;--failsbg:#46201a;--open:#b9b4a6;--openbg:#2c2a25}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif}
    header,main,footer{max-width:1080px;margin:0 auto;padding:0 20px}
    header{padding-top:36px}
    h1{font:600 clamp(1.5rem,4vw,2.15rem)/1.2 Georgia,"Noto Serif","DejaVu Serif",serif;margin:.2em 0 .3em;text-wrap:balance}
    h2{font:600 1.3rem/1.3 Georgia,"Noto Serif","DejaVu Serif",serif;margin:2.2em 0 .7em;padding-top:.7em;border-top:1px solid var(--line)}
    h3{font-size:1.02rem;margin:0 0 .3em}
    p{max-width:70ch}
    a{color:var(--accent)}
    a:focus-visible,button:focus-visible,input:focus-visible,summary:focus-visible,select:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
    .skip{position:absolute;left:-999px}.skip:focus{left:12px;top:12px;background:var(--card);padding:8px 12px;z-index:9}
    .kicker{color:var(--soft);font-size:.85rem;letter-spacing:.06em;text-transform:uppercase;margin:0}
    .soft{color:var(--soft)}
    .lead{font-size:1.08rem}
    .verdict{display:inline-block;border-radius:99px;padding:.1em .7em;font-weight:600;font-size:.86rem;white-space:nowrap}
    .holds{color:var(--holds);background:var(--holdsbg)}.fails{color:var(--fails);background:var(--failsbg)}.open{color:var(--open);background:var(--openbg)}
    .tally{display:flex;flex-wrap:wrap;gap:8px;margin:14px 0}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-size:.93rem}
    caption{text-align:left;color:var(--soft);padding-bottom:.4em}
    th,td{text-align:left;vertical-align:top;padding:.55em .8em .55em 0;border-bottom:1px solid var(--line)}
    th{font-weight:600}thead th{color:var(--soft);font-size:.82rem}
    td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
    .claims td{min-width:150px}.claims td:first-child{min-width:190px}
    .reason{display:block;margin-top:.5em;color:var(--soft)}
    figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px}
    figure svg,figure img{display:block;width:100%;height:auto}
    figcaption{color:var(--soft);font-size:.9rem;margin-top:.6em}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:18px}
    details{margin:.5em 0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.5em .9em}
    summary{cursor:pointer;font-weight:600}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.25em 1.2em;font-size:.93rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
    pre,code{font:.9em/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
    pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px;overflow-x:auto}
    footer{color:var(--soft);font-size:.88rem;padding:40px 20px}
    @media(max-width:700px){dl{grid-template-columns:1fr}dt{margin-top:.5em}
    .claims thead{position:absolute;left:-9999px}.claims,.claims tbody,.claims tr,.claims td,.claims th{display:block;width:100%}
    .claims tr{border:1px solid var(--line);border-radius:10px;margin-bottom:14px;padding:10px 14px;background:var(--card)}
    .claims td,.claims th{border:0;padding:.35em 0}.claims td::before{content:attr(data-label);display:block;color:var(--soft);font-size:.78rem}}
    @media print{body{background:#fff}figure,details{break-inside:avoid}a{color:inherit}}
    """
}
