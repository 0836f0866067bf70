/// Expressions for ``Browser/run(_:)`` that say whether a page can be read; each returns JSON.
public enum PageChecks {
  /// The least contrast of all text that is shown against what lies behind it (WCAG 2), and where: `{worst, where}`.
  public static let contrast = """
    function light(c){const v=c.match(/[\\d.]+/g).map(Number),f=x=>{x/=255;return x<=.03928?x/12.92:((x+.055)/1.055)**2.4};
    return {l:.2126*f(v[0])+.7152*f(v[1])+.0722*f(v[2]),a:v.length>3?v[3]:1}}
    function behind(e){for(;e;e=e.parentElement){const b=light(getComputedStyle(e).backgroundColor);if(b.a>0)return b.l}return 1}
    let worst=99,where='';
    function check(e,color,back){const t=light(color).l,b=behind(back),c=(Math.max(t,b)+.05)/(Math.min(t,b)+.05);
    if(c<worst){worst=c;where=e.outerHTML.slice(0,160)}}
    for(const e of document.querySelectorAll('p,h1,h2,h3,td,th,a,dt,dd,li,summary,figcaption,span,footer,code,caption,label,button,select,input,kbd')){
    if((e.textContent.trim()||e.value)&&e.getClientRects().length)check(e,getComputedStyle(e).color,e)}
    for(const e of document.querySelectorAll('svg text'))if(e.textContent.trim())check(e,getComputedStyle(e).fill,e.closest('svg').parentElement);
    return {worst:worst.toFixed(2),where};
    """

  /// Pictures that did not come or have no words, how far the page is wider than the screen, what it loads from elsewhere:
  /// `{pictures, bad, overflow, outside}`.
  public static let pictures = """
    const bad=[...document.images].filter(i=>(i.loading!=='lazy'||i.complete)&&(!i.naturalWidth||!i.alt)).length
    +[...document.querySelectorAll('svg')].filter(s=>s.getBoundingClientRect().width<40||!s.querySelector('title')).length;
    return {pictures:document.querySelectorAll('img,svg').length,bad,
    overflow:document.documentElement.scrollWidth-document.documentElement.clientWidth,
    outside:[...document.querySelectorAll('[src],link[href]')].filter(e=>/^(https?:)?\\/\\//.test(e.getAttribute('src')||e.getAttribute('href'))).length};
    """
}
