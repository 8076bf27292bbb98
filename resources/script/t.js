// Tallyback's script for landing pages: <script async src="https://TRACKER/t.js" data-campaign="KEY"></script>
//
// It finds or registers the visit and fills the links that are marked <a data-tallyback href="…{click_id}…">; a marked
// link to /go of the tracker gets the click id appended. It changes nothing else, and without an id nothing at all.
// Lines stay as they are but for comments and indents, so that no other tool has to be trusted: end statements with ;
(function (w, d) {
  // Nothing of ours may reach the page: what fails here leaves it as it was.
  function safe(run) {
    return function (x) {
      try {
        return run(x);
      } catch (e) {}
    };
  }
  safe(function () {
    var script = d.currentScript || d.querySelector('script[data-campaign]');
    var tracker = script.src.split('/t.js')[0];
    var campaign = script.getAttribute('data-campaign');
    var encode = encodeURIComponent;
    var register = tracker + '/t/' + encode(campaign) + '?';
    var item = 'tallyback/' + campaign;
    var waiting = [];
    var isSettled;
    var api = { click: null, ready: safe(ready), push: safe(ready), convert: safe(convert) };

    // The page may have left callbacks in a list of this name; what else it calls so stays its own.
    var before = Object.prototype.hasOwnProperty.call(w, 'tallyback') ? w.tallyback : null;
    if (before && before.convert && before.push) return;
    if (Array.isArray(before)) waiting = before.slice();
    if (!before || Array.isArray(before)) safe(function () { w.tallyback = api; })();

    // In an own turn, so that an error in a callback is the page's and no other callback misses its call for it.
    function ready(callback) {
      if (isSettled) setTimeout(function () { callback(api.click); }, 0);
      else waiting.push(callback);
    }

    var settle = safe(function (id) {
      api.click = id;
      isSettled = 1;
      waiting.splice(0).forEach(safe(ready));
      if (!id) return;
      remember(id);
      var links = d.querySelectorAll('a[data-tallyback]');
      for (var i = 0; i < links.length; i++) safe(fill)(links[i]);
    });

    // -- which visit this is ------------------------------------------------------------------------------------------

    // By its form, wherever in the address the owner put it: 23 characters of our alphabet, the last one of four.
    function inAddress() {
      var found = /[=\/]([\da-hjkmnp-tv-z]{22}[08gr])(?=[&#\/?]|$)/i.exec(location.href);
      return found && found[1].toLowerCase();
    }

    // For this tab: by address for who comes back or reloads, the latest for who goes on within the site.
    var remember = safe(function (id) {
      sessionStorage.setItem(item, id);
      sessionStorage.setItem(item + location.search, id);
    });

    var remembered = safe(function () {
      var latest = sessionStorage.getItem(item);
      if (cameBack()) return sessionStorage.getItem(item + location.search) || latest;
      return d.referrer.split('/')[2] == location.host && latest;
    });

    function cameBack() {
      var entry = performance.getEntriesByType && performance.getEntriesByType('navigation')[0];
      return entry ? /^(back|reload)/.test(entry.type) : performance.navigation.type > 0;
    }

    function start() {
      var id = inAddress() || remembered();
      if (id) return settle(id);
      var ask = new XMLHttpRequest();
      ask.onload = function () {
        var answer = safe(JSON.parse)(ask.responseText);
        settle((answer && answer.click) || null);
      };
      ask.onerror = ask.ontimeout = ask.onabort = function () { settle(null); };
      ask.open('GET', register + told());
      ask.timeout = 2000;
      ask.send();
    }

    // Of what the address says only what is meant for us.
    function told() {
      var ours = /^(ext|cost|sub\d+|(fb|g|tt|sc|y|tw)clid|msclkid|sccid|[gw]braid|epik|tallyback_test)=/i;
      var said = location.search.slice(1).split('&').filter(function (pair) { return ours.test(pair); });
      said.push('page=' + encode(location.href.split(/[?#]/)[0]), 'ref=' + encode(d.referrer));
      return said.join('&');
    }

    // -- links and conversions ----------------------------------------------------------------------------------------

    function isStep(link) {
      return link.href.indexOf(tracker + '/go') == 0;
    }

    function fill(link) {
      var href = link.getAttribute('href');
      var filled = href.replace(/\{click_id\}|%7Bclick_id%7D/gi, api.click);
      if (isStep(link) && !/[?&]click=/.test(filled)) {
        filled += (filled.indexOf('?') < 0 ? '?' : '&') + 'click=' + api.click;
      }
      if (filled != href) link.setAttribute('href', filled);
    }

    // Links that came later are filled when they are used. Who goes straight to an offer is noted: no redirect does it.
    function used(event) {
      var link = event.target;
      while (link && !(link.getAttribute && link.getAttribute('data-tallyback') != null)) link = link.parentNode;
      if (!link || !api.click) return;
      fill(link);
      if (event.type == 'mousedown' || event.button > 1 || isStep(link)) return;
      var offer = '&offer=' + encode(link.getAttribute('data-tallyback'));
      send(register + 'click=' + api.click + offer + '&to=' + encode(link.href), 'cors');
    }

    function convert(sale) {
      ready(safe(function (id) {
        var said = id ? ['click_id=' + id] : [];
        for (var name in sale) {
          if (name != 'network' && sale[name] != null) said.push(encode(name) + '=' + encode(sale[name]));
        }
        send(tracker + '/pixel/' + encode(sale.network) + '.gif?' + said.join('&'), 'no-cors');
      }));
    }

    // It outlives the page where the browser can do that.
    function send(url, mode) {
      if (w.fetch) fetch(url, { keepalive: true, mode: mode }).then(null, function () {});
      else new Image().src = url;
    }

    ['mousedown', 'click', 'auxclick'].forEach(function (name) { w.addEventListener(name, safe(used), true); });
    // A page that was put aside before the answer came asks again; with one it has all it needs.
    w.addEventListener('pageshow', safe(function (event) { if (event.persisted && !api.click) start(); }));
    if (d.prerendering) d.addEventListener('prerenderingchange', safe(start), { once: true });
    else start();
  })();
})(window, document);
